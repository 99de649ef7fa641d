// One hub's whole suite in virtual time, a console at it, and what every test of it checks.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "common/base/hash.hpp"
#include "common/runtime/fold.hpp"
#include "common/runtime/payload.hpp"
#include "messages/triage.pb.h"
#include "tests/sim/history/history.hpp"
#include "tests/sim/world/town.hpp"

namespace rightplace::testing {

constexpr auto hub = "paddock-wood";
constexpr std::int64_t minute_ms = 60'000;
// One hub's whole suite in virtual time, and a console at it.
struct Ring {
    explicit Ring(std::uint64_t seed) : folder(scratch_folder(seed)), town(options(seed)) {}
    ~Ring() { std::filesystem::remove_all(folder); }
    static std::string scratch_folder(std::uint64_t seed) {
        const auto folder = std::filesystem::temp_directory_path() /
                            ("rp-ring-" + std::to_string(getpid()) + "-" + std::to_string(seed));
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        return folder;
    }
    sim::TownOptions options(std::uint64_t seed) const {
        sim::TownOptions options;
        options.seed = seed;
        options.hubs = {{hub, "P", "2000072489", sim::shipped_policy(hub)}};
        options.sender_service_ids = {"7700900001"};
        options.scratch = folder;
        return options;
    }
    void start_all() {
        town.start_all();
        town.pass(20'000, [this] { return ready(); });
        std::string why;
        INFO((town.ready(&why), why));
        REQUIRE(ready());
    }
    bool ready() { return town.ready() && hub_of("triage").fold().policy() != nullptr; }
    runtime::HubRuntime& hub_of(const std::string& service) { return *town.find(service + "#1")->runtime()->hub(hub); }
    bool run(
        std::int64_t ms, const std::function<bool()>& done = [] { return false; }) {
        town.pass(ms, done);
        return done();
    }

    Reply ask_once(const std::string& service, const Command& command, std::int64_t timeout_ms) {
        Request request;
        *request.mutable_command() = command;
        request.mutable_command()->set_deadline_ms(std::uint32_t(timeout_ms));
        sim::Network::Client console(town.network, "console", "cli");
        Reply reply;
        bool over = false;
        console.ask(service, request.SerializeAsString(), timeout_ms, [&](const auto& answer) {
            Response response;
            const bool good = answer.ok() && response.ParseFromString(answer.value());
            reply = response.reply();
            if (!good) reply.set_status(UNKNOWN);
            over = true;
        });
        town.clock.run(timeout_ms + 10, [&over] { return over; });
        return reply;
    }
    // Asked again under the same id until it is decided or patience is over.
    Reply command(const std::string& service, const Command& command, std::int64_t patience_ms = 60'000) {
        const auto until = town.now() + patience_ms;
        Reply reply;
        do {
            reply = ask_once(service, command, 2'000);
            if (reply.status() != UNKNOWN && reply.status() != UNAVAILABLE) return reply;
            run(100);
        } while (town.now() < until);
        return reply;
    }
    std::vector<Event> journalled() {
        std::vector<Event> events;
        for (const auto& stored : town.journal(hub).events()) {
            Event event;
            REQUIRE(event.ParseFromString(stored));
            events.push_back(std::move(event));
        }
        return events;
    }

    std::string folder;
    sim::Town town;
};

inline Command command_of(const google::protobuf::Message& payload, const std::string& id) {
    Command command;
    command.set_command_id(id);
    command.set_hub(hub);
    command.mutable_actor()->set_id("staff-1");
    command.mutable_actor()->set_role("paramedic-practitioner");
    command.mutable_actor()->set_organisation_ods("RYD");
    command.mutable_payload()->PackFrom(payload);
    return command;
}

inline std::string case_id(int number) {
    return derived_uuid({"sim-case", std::to_string(number)});
}

inline Command open_case(Ring& ring, int number, std::int64_t breach_in_ms = 30 * minute_ms) {
    intake::OpenCase open;
    open.set_case_id(case_id(number));
    auto& facts = *open.mutable_facts();
    facts.set_origin(intake::VALIDATION_999);
    facts.set_category(intake::C3);
    facts.set_key_id("k-000000000001");
    facts.set_cad_number("CAD-" + std::to_string(number));
    facts.set_journey_id(derived_uuid({"journey", std::to_string(number)}));
    *facts.mutable_clock_start() = to_timestamp(ring.town.clock.wall_ms());
    *facts.mutable_breach_at() = to_timestamp(ring.town.clock.wall_ms() + breach_in_ms);
    open.mutable_person()->set_key_id("k-000000000001");
    open.mutable_person()->set_nonce(std::string(24, 'n'));
    open.mutable_person()->set_ciphertext(std::string(40, 'c'));
    return command_of(open, "open-" + std::to_string(number));
}

template <typename T>
T about(int number) {
    T payload;
    payload.set_case_id(case_id(number));
    return payload;
}

inline std::vector<std::string> names(Ring& ring, const std::string& of_case) {
    std::vector<std::string> names;
    for (const auto& event : ring.journalled()) {
        if (event.case_id() == of_case) names.push_back(runtime::event_name(event));
    }
    return names;
}

inline long count(const std::vector<std::string>& all, const std::string& name) {
    return std::count(all.begin(), all.end(), name);
}

inline long count_all(Ring& ring, const std::string& name) {
    const auto all = ring.journalled();
    return std::count_if(all.begin(), all.end(),
                         [&name](const Event& event) { return runtime::event_name(event) == name; });
}

inline const triage::ReviewState* review(Ring& ring, int number) {
    const auto* found = ring.hub_of("triage").fold().find({"review", case_id(number)});
    return found == nullptr ? nullptr : static_cast<const triage::ReviewState*>(found->state.get());
}

// Invariant 2: 1..N without gap or repeat, each prev fits, epochs never fall.
inline void check_history(Ring& ring) {
    std::uint64_t seq = 0, epoch = 0;
    std::string prev;
    std::set<std::string> ids;
    for (const auto& event : ring.journalled()) {
        REQUIRE(event.seq() == ++seq);
        REQUIRE(event.prev() == prev);
        REQUIRE(event.epoch() >= epoch);
        REQUIRE(ids.insert(event.event_id()).second);
        REQUIRE(event.label() == "synthetic");
        prev = event.event_id();
        epoch = event.epoch();
    }
}

// Invariant 3: folding the journal from nothing gives the records in the store.
inline void check_store(Ring& ring, const std::string& service) {
    runtime::Fold fold(hub, ring.town.domain(service));
    for (const auto& event : ring.journalled()) fold.apply(event);
    const auto& records = ring.town.redis().data(hub).records;
    for (const auto& [id, aggregate] : fold.all()) {
        INFO(service << " " << id.type << ":" << id.id);
        REQUIRE(records.contains(id));
        const auto& record = records.at(id);
        CHECK(record.version == aggregate.version);
        if (!record.state.empty()) CHECK(record.state == aggregate.state->SerializeAsString());
    }
    CHECK(fold.quarantined().empty());
}

inline void check_all(Ring& ring) {
    check_history(ring);
    for (const auto* service : {"intake", "triage", "referral"}) check_store(ring, service);
}

// An attempt whose answer was lost may have been the one that did it.
inline bool done(const Reply& reply) {
    return reply.status() == ACCEPTED || reply.status() == DUPLICATE;
}

inline void go_through(Ring& ring, int number) {
    const auto id = std::to_string(number);
    REQUIRE(done(ring.command("intake", open_case(ring, number))));
    REQUIRE(ring.run(60'000, [&] { return review(ring, number) != nullptr; }));
    const auto claimed = ring.command("triage", command_of(about<triage::ClaimReview>(number), "claim-" + id));
    REQUIRE(done(claimed));
    auto start = about<triage::StartConsultation>(number);
    start.set_token(claimed.receipt().events(0).event_id());
    REQUIRE(done(ring.command("triage", command_of(start, "start-" + id))));
    auto decide = about<triage::DecideReview>(number);
    decide.set_token(start.token());
    decide.set_pathway(triage::ADVICE);
    decide.set_rationale_code("self-care");
    REQUIRE(done(ring.command("triage", command_of(decide, "decide-" + id))));
}

}  // namespace rightplace::testing
