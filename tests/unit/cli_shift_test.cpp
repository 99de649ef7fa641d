// The verbs of a shift that are about more than one case.
#include "services/cli/domain/queue_view.hpp"
#include "tests/unit/cli_bench.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;

namespace {

struct TwoHeld {
    TwoHeld() {
        for (const auto* number : {"P-1", "P-2", "P-3"}) {
            auto& review = *queue.add_reviews();
            review.set_case_id(number);
            review.set_case_number(number);
            review.set_status(triage::CLAIMED);
            review.mutable_claim()->set_token(std::string("token-") + number);
            review.mutable_claim()->mutable_holder()->set_id(number == std::string("P-2") ? "k.lee" : "j.smith");
            if (number == std::string("P-2")) review.mutable_handover()->set_to_staff_id("j.smith");
        }
        bench.wire.answer("GetQueue", queue);
        intake::CaseReply found;
        found.mutable_state()->set_case_id("1");
        found.mutable_state()->set_case_number("P-1");
        bench.wire.answer("GetCase", found);
        triage::ReviewReply held;
        *held.mutable_state() = queue.reviews(0);
        bench.wire.answer("GetReview", held);
        options.hub = "paddock-wood";
    }
    int run(const std::string& verb) {
        options.verb = verb;
        auto session = bench.session();
        return run_shift(session, options);
    }
    std::string sent(std::size_t at) const {
        const auto& url = bench.wire.asked.at(at).second.payload().type_url();
        return url.substr(url.rfind('.') + 1);
    }
    triage::QueueReply queue;
    Bench bench;
    ShiftOptions options;
};

}  // namespace

TEST_CASE("hand-over --all gives each review that is mine, and acknowledge --all takes each that is offered to me") {
    TwoHeld shift;
    shift.options.all = true;
    shift.options.to = "k.lee";
    CHECK(shift.run("hand-over") == 0);
    REQUIRE(shift.bench.wire.asked.size() == 2);  // one command for each
    triage::HandOverReview give;
    REQUIRE(shift.bench.wire.asked[0].second.payload().UnpackTo(&give));
    CHECK(give.to_staff_id() == "k.lee");
    CHECK(give.token() == "token-P-1");
    CHECK(shift.bench.wire.asked[0].second.command_id() != shift.bench.wire.asked[1].second.command_id());
    CHECK(shift.run("acknowledge") == 0);
    REQUIRE(shift.bench.wire.asked.size() == 3);
    CHECK(shift.sent(2) == "AcknowledgeHandover");
    CHECK_THAT(shift.bench.out.str(), Catch::Contains("P-1: Done") && Catch::Contains("P-3: Done"));
    shift.options.id = "again";
    CHECK(shift.run("hand-over") == 0);
    CHECK(shift.bench.wire.asked[3].second.command_id() == "again-P-1");
    CHECK(shift.bench.wire.asked[4].second.command_id() == "again-P-3");
    shift.options.text = "about one patient";
    CHECK(shift.run("hand-over") == 1);
    shift.options.text.clear();
    shift.options.hub.clear();
    CHECK(shift.run("hand-over") == 1);  // --all of which hub?
    shift.options.all = false;
    CHECK(shift.run("hand-over") == 1);  // which cases?
    shift.options.cases = {"P-1"};
    shift.options.to.clear();
    CHECK(shift.run("hand-over") == 1);  // to whom?
    shift.options.withdraw = true;
    CHECK(shift.run("hand-over") == 0);
    CHECK(shift.sent(5) == "WithdrawHandover");
}

TEST_CASE("what is offered already is not offered again to another, and nothing to give is no success") {
    TwoHeld shift;
    shift.options.all = true;
    shift.options.to = "k.lee";
    for (auto& review : *shift.queue.mutable_reviews()) review.mutable_handover()->set_to_staff_id("m.ray");
    shift.bench.wire.answer("GetQueue", shift.queue);
    CHECK(shift.run("hand-over") == 2);
    CHECK(shift.run("acknowledge") == 2);
    CHECK(shift.bench.wire.asked.empty());
    CHECK(shift.run("sign-off") == 2);
    CHECK_THAT(shift.bench.err.str(), Catch::Contains("P-1 to m.ray, P-3 to m.ray (ring them)"));
}

TEST_CASE("one that is refused does not keep the others from being handed over, and is seen in the exit code") {
    TwoHeld shift;
    shift.options.all = true;
    shift.options.to = "nobody";
    shift.bench.wire.reply.set_status(REFUSED);
    CHECK(shift.run("hand-over") == 2);
    CHECK(shift.bench.wire.asked.size() == 2);
}

TEST_CASE("nobody signs off with reviews in hand by accident") {
    TwoHeld shift;
    CHECK(shift.run("sign-on") == 0);
    triage::SignOn on;
    REQUIRE(shift.bench.wire.asked[0].second.payload().UnpackTo(&on));
    CHECK(on.staff_id() == "j.smith");
    CHECK(shift.run("sign-off") == 2);
    CHECK_THAT(shift.bench.err.str(), Catch::Contains("you hold P-1, P-3 (hand-over --all") &&
                                          Catch::Contains("handed over to you: P-2 (acknowledge --all)"));
    CHECK(shift.bench.wire.asked.size() == 1);
    shift.options.anyway = true;
    CHECK(shift.run("sign-off") == 0);
    CHECK(shift.sent(1) == "SignOff");
    shift.options.anyway = false;
    shift.bench.wire.answers.erase("GetQueue");  // a queue that cannot be seen keeps nobody on shift
    CHECK(shift.run("sign-off") == 0);
}

TEST_CASE("whoever signs on with a skill that no rule knows is told that they are on without it") {
    TwoHeld shift;
    triage::SignedOn without;
    without.set_skill_not_known("fals");
    shift.bench.wire.append(without, "");
    auto& event = *shift.bench.wire.reply.mutable_receipt()->add_events();
    event.set_name("SignedOn");
    event.set_seq(1);
    CHECK(shift.run("sign-on") == 0);
    CHECK_THAT(shift.bench.err.str(), Catch::Contains("WITHOUT the skill fals"));
    shift.bench.err.str("");
    shift.bench.wire.reply.clear_receipt();
    CHECK(shift.run("sign-on") == 0);
    CHECK(shift.bench.err.str().empty());
}

TEST_CASE("next says which, why, and the command that takes it") {
    TwoHeld shift;
    triage::NextReply next;
    shift.bench.wire.answer("GetNext", next);
    CHECK(shift.run("next") == 0);
    CHECK_THAT(shift.bench.out.str(), Catch::Contains("Nobody is waiting."));
    next.mutable_review()->set_case_number("P-7");
    next.mutable_review()->set_category(intake::C3);
    next.set_why("next-to-breach");
    next.set_waiting(4);
    shift.bench.wire.answer("GetNext", next);
    CHECK(shift.run("next") == 0);
    CHECK_THAT(shift.bench.out.str(), Catch::Contains("why: next to breach; waiting in all: 4") &&
                                          Catch::Contains("take it: rightplace claim P-7"));
    triage::GetNext asked;
    REQUIRE(shift.bench.wire.queries.back().payload().UnpackTo(&asked));
    CHECK(asked.staff_id() == "j.smith");
    shift.options.json = true;
    CHECK(shift.run("next") == 0);
    CHECK_THAT(shift.bench.out.str(),
               Catch::Contains("\"stale\":false") && Catch::Contains("\"hub\":\"paddock-wood\""));
    shift.options.json = false;
    next.set_why("handed-over-to-you");
    next.mutable_review()->mutable_handover()->mutable_from()->set_id("k.lee");
    shift.bench.wire.answer("GetNext", next);
    CHECK(shift.run("next") == 0);
    CHECK_THAT(shift.bench.out.str(), Catch::Contains("from: k.lee") && Catch::Contains("rightplace acknowledge P-7"));
}
