// What the tests of the program's commands share: a wire that answers from tables, and a session on it.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "common/base/seal.hpp"
#include "services/cli/domain/chain.hpp"
#include "services/cli/shell/commands.hpp"

namespace rightplace::cli::test {

namespace fs = std::filesystem;

struct TemporaryFolder {
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "rp-cli-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~TemporaryFolder() { fs::remove_all(path); }
    std::string file(const std::string& name, const std::string& text = "") const {
        if (!text.empty()) std::ofstream(path / name) << text;
        return (path / name).string();
    }
    fs::path path;
};

// A stack that answers from tables; what is not in them does not answer.
class FakeWire : public Wire {
   public:
    Reply ask(const std::string& service, const Command& command, std::int64_t) override {
        asked.push_back({service, command});
        return reply;
    }
    OrWhy<QueryReply> query(const std::string& service, const Query& query, std::int64_t) override {
        const auto type = query.payload().type_url().substr(query.payload().type_url().rfind('.') + 1);
        queries.push_back(query);
        const auto of_hub = answers.find(type + "@" + query.hub());
        const auto found = of_hub == answers.end() ? answers.find(type) : of_hub;
        if (found == answers.end()) return Failure{service + " did not answer in time"};
        return found->second;
    }
    OrWhy<audit::ReadReply> read(const audit::Read& read, std::int64_t) override {
        if (!audit_up) return Failure{std::string("audit did not answer in time")};
        audit::ReadReply page;
        page.set_journal_id("j1");
        page.set_head_seq(record.size());
        page.set_root(said_root.empty() ? true_root() : said_root);
        std::uint64_t seq = read.from_seq();
        for (; seq <= record.size() && page.events_size() < int(std::min(read.max_events(), page_size)); ++seq) {
            Event event;
            event.ParseFromString(record[seq - 1]);
            if (read.case_id().empty() || read.case_id() == event.case_id()) page.add_events(record[seq - 1]);
        }
        page.set_next_seq(seq);
        return page;
    }
    // `type` may name a hub: "GetReview@ashford".
    void answer(const std::string& type, const google::protobuf::Message& payload, std::uint64_t age_ms = 0) {
        QueryReply it;
        it.set_as_of_seq(record.size());
        it.set_age_ms(age_ms);
        it.mutable_payload()->PackFrom(payload);
        answers[type] = it;
    }
    void append(const google::protobuf::Message& payload, const std::string& case_id) {
        Event event;
        event.set_event_id("e" + std::to_string(record.size() + 1));
        event.set_seq(record.size() + 1);
        event.set_epoch(1);
        event.set_prev(record.empty() ? "" : "e" + std::to_string(record.size()));
        event.set_case_id(case_id);
        if (!case_id.empty()) event.set_case_number("P-" + case_id);
        event.mutable_payload()->PackFrom(payload);
        append(event);
    }
    void append(const Event& event) { record.push_back(event.SerializeAsString()); }
    std::string true_root() const {
        ChainCheck chain;
        for (const auto& stored : record) (void)chain.add(stored).ok();
        return chain.root();
    }

    std::vector<std::pair<std::string, Command>> asked;
    std::vector<Query> queries;
    Reply reply;
    std::map<std::string, QueryReply> answers;
    std::vector<std::string> record;
    std::string said_root;
    bool audit_up = true;
    std::uint32_t page_size = 3;
};

struct Bench {
    Bench() {
        for (const auto& [name, letter] : {std::pair{"paddock-wood", "P"}, std::pair{"ashford", "A"}}) {
            auto& hub = *stack.add_hubs();
            hub.set_name(name);
            hub.set_letter(letter);
        }
        wire.reply.set_status(ACCEPTED);
    }
    Session session() {
        Actor actor;
        actor.set_id("j.smith");
        actor.set_role("ed-consultant");
        return {stack,
                wire,
                random,
                [] { return TimeMs{1'795'665'600'000}; },
                [this] { return stop_after > 0 && lines() >= stop_after; },
                out,
                err,
                Style{},
                actor,
                1'000};
    }
    std::ptrdiff_t lines() const {
        const auto text = out.str();
        return std::count(text.begin(), text.end(), '\n');
    }

    config::Stack stack;
    FakeWire wire;
    sealing::SystemRandom random;
    std::ostringstream out;
    std::ostringstream err;
    std::ptrdiff_t stop_after = 0;
};

}  // namespace rightplace::cli::test
