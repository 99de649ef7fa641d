// Referrals from the command line: which are overdue, which one is meant, and what is recorded.
#include <catch2/catch.hpp>

#include "services/cli/domain/referral_view.hpp"

using namespace rightplace;
using namespace rightplace::cli;

namespace {

constexpr TimeMs now = 1'790'000'000'000;
constexpr TimeMs minute = 60'000;

referral::ReferralState& add(referral::DeliveriesReply& reply, const std::string& id, TimeMs accept_by) {
    auto& it = *reply.add_referrals();
    it.set_referral_id(id);
    it.set_case_number("A-" + id);
    it.set_pathway(triage::UCR);
    *it.mutable_accept_by() = to_timestamp(accept_by);
    return it;
}

}  // namespace

TEST_CASE("Overdue referrals come before the queue, the longest overdue first; the others do not") {
    referral::DeliveriesReply open;
    add(open, "late", now - 3 * minute);
    add(open, "later", now - 9 * minute);
    add(open, "early", now + minute);
    add(open, "taken", now - minute).set_accepted(true);
    const auto text = render_overdue(open, now, Style{});
    CHECK_THAT(text, Catch::Contains("2 REFERRALS OVERDUE"));
    CHECK(text.find("A-later") < text.find("A-late "));
    CHECK_THAT(text, Catch::Contains("9 min OVER"));
    CHECK_THAT(text, !Catch::Contains("A-early") && !Catch::Contains("A-taken"));
    CHECK(render_overdue({}, now, Style{}).empty());
}

TEST_CASE("The open referral of a case is meant, and is named where there are several") {
    referral::DeliveriesReply held;
    CHECK_FALSE(open_referral(held, ""));
    add(held, "r1", now).set_ended(true);
    add(held, "r2", now);
    CHECK(open_referral(held, "").value() == "r2");
    CHECK_FALSE(open_referral(held, "r1"));
    add(held, "r3", now);
    CHECK_THAT(open_referral(held, "").error(), Catch::Contains("r2, r3"));
    CHECK(open_referral(held, "r3").value() == "r3");
    CHECK(referral_act("reached", "r3", "", "")->GetDescriptor() == referral::RecordPatientReached::descriptor());
    CHECK(referral_act("accepted", "r3", "", "")->GetDescriptor() == referral::AcceptReferral::descriptor());
    const auto decline = referral_act("declined", "r3", "seen", "no-capacity");
    CHECK(static_cast<const referral::DeclineReferral&>(*decline).reason() == "no-capacity");
    const auto complete = referral_act("completed", "r3", "seen", "other");
    CHECK(static_cast<const referral::CompleteReferral&>(*complete).outcome() == "seen");
}
