// What the tests of the webhook share: events about alerts, a clock and a receiver that are moved by hand, a folder.
#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "common/base/seams.hpp"
#include "messages/triage.pb.h"
#include "services/adapters/alerts/domain/message.hpp"

namespace rightplace::alerts::bench {

template <typename T>
Event about_alert(const T& payload, std::uint64_t seq = 7) {
    Event event;
    event.set_hub("ashford");
    event.set_seq(seq);
    event.set_event_id("event-" + std::to_string(seq));
    event.set_aggregate_type("alert");
    event.set_aggregate_id("a1");
    event.set_case_id("c1");
    event.set_case_number("A-1");
    event.set_label("synthetic");
    *event.mutable_occurred_at() = to_timestamp(1'790'000'000'000);
    event.mutable_payload()->PackFrom(payload);
    return event;
}

inline Message message(std::uint64_t seq) {
    return {"event-" + std::to_string(seq), seq, "clock-stepped", "{\"n\":" + std::to_string(seq) + "}", 0};
}

class HandClock : public seams::Clock {
   public:
    std::int64_t boot_ms() const override { return now; }
    TimeMs wall_ms() const override { return 1'790'000'000'000 + now; }
    void after(std::int64_t ms, std::function<void()> then) override { later.emplace(now + ms, std::move(then)); }
    void turn(std::int64_t ms) {
        const auto end = now + ms;
        while (!later.empty() && later.begin()->first <= end) {
            now = later.begin()->first;
            const auto then = std::move(later.begin()->second);
            later.erase(later.begin());
            then();
        }
        now = end;
    }
    std::int64_t now = 0;
    std::multimap<std::int64_t, std::function<void()>> later;
};

// Answers when it is told to.
class HandPartner : public seams::HttpPartner {
   public:
    void post(seams::HttpRequest request, seams::Done<seams::HttpAnswer> done) override {
        CHECK_FALSE(waiting);  // one at a time
        sent.push_back(std::move(request));
        waiting = std::move(done);
    }
    void answer(int status) {
        REQUIRE(waiting);
        const auto done = std::exchange(waiting, nullptr);
        seams::HttpAnswer said;
        said.status = status;
        done(said);
    }
    std::string header(std::size_t i, const std::string& name) const {
        for (const auto& [key, value] : sent.at(i).headers) {
            if (key == name) return value;
        }
        return "";
    }
    std::vector<seams::HttpRequest> sent;
    seams::Done<seams::HttpAnswer> waiting;
};

struct Folder {
    Folder() {
        char name[] = "/tmp/rp-alerts-XXXXXX";
        path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) const {
        const auto whole = path + "/" + name;
        std::ofstream(whole) << text;
        chmod(whole.c_str(), mode);
        return whole;
    }
    std::string path;
};

}  // namespace rightplace::alerts::bench
