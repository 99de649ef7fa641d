// Messages from outside that belong to no case: whose their keys are, and who may have one.
#include "tests/unit/vault_bench.hpp"

using namespace rightplace;
using namespace rightplace::vault;
using namespace rightplace::vault::test_bench;

namespace {

constexpr const char* message_id = "bars:req:4b0cbb07-7d84-4d5f-bb86-3f1f1a1f0001";

intake::ExchangeAnswered answered(const std::string& key_id, bool accepted) {
    intake::ExchangeAnswered said;
    said.mutable_exchange()->mutable_original()->set_key_id(key_id);
    said.set_accepted(accepted);
    return said;
}

struct OneMessage : Bench {
    std::string key_id;
    OneMessage() {
        service->caught_up(hub);
        key_id = new_key().key_id();
    }
    void hear(bool accepted, const std::string& by = "bars") {
        observe("", answered(key_id, accepted), 1, by, message_id);
    }
    ReleaseKey look(const std::string& name, const std::string& purpose = "direct-care") const {
        auto query = release(name, purpose);
        query.set_key_id(key_id);
        return query;
    }
    RefusalCode refused(const char* role, const ReleaseKey& query) {
        const auto given = ask("cli", role, query);
        REQUIRE_FALSE(given.ok());
        return given.error().code();
    }
};

}  // namespace

TEST_CASE("a message of no case, kept or refused, is opened under its own id, and the view is recorded") {
    OneMessage bench;
    CHECK(bench.refused("gp", bench.look(message_id)) == NOT_FOUND);  // not in the record yet
    bench.hear(GENERATE(true, false));
    const auto shown = bench.ask("clinician", "paramedic-practitioner", bench.look(message_id));
    CHECK(Bench::as<ReleaseKeyReply>(shown).key().key_id() == bench.key_id);
    CHECK(Bench::as<ReleaseKeyReply>(shown).view_recorded());
    REQUIRE(bench.ring.asked.size() == 1);
    CHECK(bench.ring.asked[0].view.case_id() == message_id);
    CHECK(bench.ring.asked[0].by.id() == "staff-1");
    CHECK(bench.ring.asked[0].hub == hub);
    bench.ring.open = false;
    const auto spooled = bench.ask("clinician", "gp", bench.look(message_id, "call-back"));
    CHECK_FALSE(Bench::as<ReleaseKeyReply>(spooled).view_recorded());
    CHECK(bench.service->views_waiting() == 1);
}

TEST_CASE("a message's key is released under no other name, to nobody who may not look, and for no other purpose") {
    OneMessage bench;
    bench.open_case("case-1", bench.new_key().key_id(), 2);
    bench.hear(false);
    for (const auto* name : {"case-1", "bars:req:another", "BARS:REQ:4b0cbb07-7d84-4d5f-bb86-3f1f1a1f0001",
                             "4b0cbb07-7d84-4d5f-bb86-3f1f1a1f0001", "exchange"}) {
        INFO(name);
        CHECK(bench.refused("gp", bench.look(name)) == NOT_FOUND);
    }
    CHECK(bench.refused("gp", bench.look("")) == INVALID);
    CHECK(bench.refused("coordinator", bench.look(message_id)) == FORBIDDEN);
    CHECK(bench.refused("operator", bench.look(message_id)) == FORBIDDEN);
    CHECK(bench.refused("gp", bench.look(message_id, "complaint")) == FORBIDDEN);
    CHECK(bench.refused("gp", bench.look(message_id, "delivery")) == FORBIDDEN);
    CHECK(bench.ring.asked.empty());
    bench.ring.refuses = true;
    CHECK(bench.refused("gp", bench.look(message_id)) == FORBIDDEN);
}

TEST_CASE("a message that names a case is opened under the case's name alone") {
    OneMessage bench;
    bench.observe("case-1", answered(bench.key_id, true), 1, "bars", message_id);
    CHECK(bench.ask("cli", "gp", bench.look("case-1")).ok());
    CHECK(bench.refused("gp", bench.look(message_id)) == NOT_FOUND);
}

TEST_CASE("a message takes no key away from a case, nor one that was given to another program") {
    OneMessage bench;
    SECTION("a case's") {
        bench.open_case("case-1", bench.key_id);
        bench.hear(false);
        CHECK(bench.ask("cli", "gp", bench.look("case-1")).ok());
    }
    SECTION("another program's") {
        bench.hear(false, "clinician");
    }
    CHECK(bench.refused("gp", bench.look(message_id)) == NOT_FOUND);
}

TEST_CASE("the keys of messages that are long in the record are theirs once vault has read it again") {
    OneMessage bench;
    bench.start();  // a database that holds the key, and whose it is nobody has told it
    CHECK(bench.refused("gp", bench.look(message_id)) == NOT_FOUND);
    bench.hear(true);
    CHECK(bench.ask("cli", "gp", bench.look(message_id)).ok());
    bench.start();
    CHECK(bench.ask("cli", "gp", bench.look(message_id)).ok());  // it is on disk
}
