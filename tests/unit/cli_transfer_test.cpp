// Transfers between hubs from the command line: each command goes to the hub that it concerns.
#include "messages/transfer.pb.h"
#include "services/cli/domain/case_view.hpp"
#include "services/cli/domain/queue_view.hpp"
#include "tests/unit/cli_bench.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;

namespace {

struct OneCase {
    OneCase() {
        found.mutable_state()->set_case_id("1");
        found.mutable_state()->set_case_number("P-1");
        bench.wire.answer("GetCase", found);
        here.set_case_id("1");
        here.set_case_number("P-1");
        here.set_status(triage::QUEUED);
        tell();
        options.id_or_number = "P-1";
    }
    void tell() {
        triage::ReviewReply reply;
        *reply.mutable_state() = here;
        bench.wire.answer("GetReview@paddock-wood", reply);
    }
    void is_at_ashford(const triage::ReviewState& there) {
        here.set_status(triage::TRANSFERRED);
        here.set_transferred_to("ashford");
        here.set_transfer_confirmed(true);
        tell();
        triage::ReviewReply reply;
        *reply.mutable_state() = there;
        bench.wire.answer("GetReview@ashford", reply);
    }
    int run(const std::string& verb) {
        options.verb = verb;
        auto session = bench.session();
        return verb == "claim" ? run_verb(session, options) : run_transfer(session, options);
    }
    template <typename T>
    T sent() {
        T payload;
        REQUIRE(bench.wire.asked.size() == 1);
        REQUIRE(bench.wire.asked[0].second.payload().UnpackTo(&payload));
        return payload;
    }
    std::string sent_to() { return bench.wire.asked.at(0).second.hub(); }

    intake::CaseReply found;
    triage::ReviewState here;
    Bench bench;
    VerbOptions options;
};

}  // namespace

TEST_CASE("transfer offers at the hub that has the case, with the token of a claim that is mine") {
    OneCase one;
    one.options.to_hub = "ashford";
    CHECK(one.run("transfer") == 1);  // no reason
    one.options.reason = "surgical-sdec-there";
    one.here.mutable_claim()->set_token("t");
    one.here.mutable_claim()->mutable_holder()->set_id("j.smith");
    one.tell();
    CHECK(one.run("transfer") == 0);
    CHECK(one.sent<triage::TransferReview>().token() == "t");
    CHECK(one.sent<triage::TransferReview>().to_hub() == "ashford");
    CHECK(one.sent_to() == "paddock-wood");
    one.bench.wire.asked.clear();
    one.here.mutable_claim()->mutable_holder()->set_id("k.lee");
    one.tell();
    CHECK(one.run("transfer") == 0);
    CHECK(one.sent<triage::TransferReview>().token().empty());  // triage says whose it is
    one.bench.wire.asked.clear();
    one.options.withdraw = true;
    CHECK(one.run("transfer") == 0);
    CHECK(one.sent<triage::WithdrawTransfer>().case_id() == "1");
}

TEST_CASE("an offer is answered at the hub that it is made to") {
    OneCase one;
    CHECK(one.run("accept-transfer") == 2);
    CHECK_THAT(one.bench.err.str(), Catch::Contains("offered to no hub; paddock-wood has it, waiting"));
    one.here.mutable_offer()->set_offer_id("offer-1");
    one.here.mutable_offer()->set_to_hub("ashford");
    one.tell();
    CHECK(one.run("accept-transfer") == 0);
    CHECK(one.sent<triage::AcceptTransfer>().offer_id() == "offer-1");
    CHECK(one.sent_to() == "ashford");
    one.bench.wire.asked.clear();
    one.options.reason = "no-capacity";
    CHECK(one.run("decline-transfer") == 0);
    CHECK(one.sent<triage::DeclineTransfer>().reason_code() == "no-capacity");
    CHECK(one.sent_to() == "ashford");
}

TEST_CASE("a verb goes where the case is, unless a hub is named") {
    OneCase one;
    triage::ReviewState there = one.here;
    one.is_at_ashford(there);
    CHECK(one.run("claim") == 0);
    CHECK(one.sent_to() == "ashford");
    one.bench.wire.asked.clear();
    one.options.hub = "paddock-wood";
    CHECK(one.run("claim") == 0);
    CHECK(one.sent_to() == "paddock-wood");
    one.options.hub.clear();
    there.set_status(triage::TRANSFERRED);
    there.set_transferred_to("paddock-wood");
    one.is_at_ashford(there);
    CHECK(one.run("claim") == 3);  // no hub says that it has it
    CHECK_THAT(one.bench.err.str(), Catch::Contains("disagree"));
}

TEST_CASE("a case shows what became of it at the other hub, and a queue what is offered to it") {
    OneCase one;
    triage::ReviewState there = one.here;
    there.set_status(triage::CLAIMED);
    one.is_at_ashford(there);
    triage::ReviewTransferred gone;
    gone.set_to_hub("ashford");
    one.bench.wire.append(gone, "1");
    auto session = one.bench.session();
    CaseOptions options;
    options.id_or_number = "P-1";
    CHECK(run_case(session, options) == 0);
    CHECK_THAT(one.bench.out.str(), Catch::Contains("transferred to ashford\n") && Catch::Contains("At ashford\n") &&
                                        Catch::Contains("claimed"));

    triage::QueueReply queue;
    auto& offered = *queue.add_transfers();
    offered.set_from_hub("paddock-wood");
    offered.set_status(triage::OFFERED);
    offered.set_reason_code("surgical-sdec-there");
    *offered.mutable_review() = there;
    const auto shown = render_queue("ashford", queue, {1, 0}, 0, Style{});
    CHECK_THAT(shown, Catch::Contains("paddock-wood offers P-1") &&
                          Catch::Contains("surgical-sdec-there; rightplace accept-transfer P-1"));
    offered.set_status(triage::ACCEPTED_HERE);
    CHECK_THAT(render_queue("ashford", queue, {1, 0}, 0, Style{}),
               Catch::Contains("waiting for paddock-wood to let go"));
}

TEST_CASE("what another hub did is told with who did it where") {
    Event event;
    triage::ReviewDecided decided;
    decided.set_pathway(triage::UCR);
    decided.mutable_at()->set_hub("ashford");
    decided.mutable_at()->mutable_actor()->set_id("k.lee");
    event.mutable_payload()->PackFrom(decided);
    CHECK_THAT(describe(event), Catch::StartsWith("At ashford, by k.lee") && Catch::Contains("Decided: UCR"));
}
