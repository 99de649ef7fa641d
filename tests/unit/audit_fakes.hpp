// What the audit tests share: a clock moved by hand, stored events, a folder that is removed.
#pragma once

#include <google/protobuf/any.pb.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "common/base/hash.hpp"
#include "common/base/seams.hpp"
#include "messages/audit.pb.h"
#include "messages/envelope.pb.h"
#include "messages/runtime.pb.h"

namespace rightplace::test {

inline constexpr const char* hub = "paddock-wood";
inline constexpr TimeMs start_ms = 1'790'000'000'000;

class ManualClock final : public seams::Clock {
   public:
    std::int64_t boot_ms() const override { return boot_; }
    TimeMs wall_ms() const override { return start_ms + boot_ + wall_step; }
    void after(std::int64_t ms, std::function<void()> then) override {
        timers_.emplace(std::pair{boot_ + (ms > 0 ? ms : 0), order_++}, std::move(then));
    }
    // Runs everything that falls due within `ms`, in order, time moving from one to the next.
    void advance(std::int64_t ms) {
        const std::int64_t until = boot_ + ms;
        while (!timers_.empty() && timers_.begin()->first.first <= until) {
            boot_ = std::max(boot_, timers_.begin()->first.first);
            const auto then = std::move(timers_.begin()->second);
            timers_.erase(timers_.begin());
            then();
        }
        boot_ = until;
    }
    TimeMs wall_step = 0;

   private:
    std::int64_t boot_ = 1'000;
    std::uint64_t order_ = 0;
    std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> timers_;
};

struct Chance final : seams::Random {
    std::string bytes(std::size_t count) override { return sha256(std::to_string(++drawn)).substr(0, count); }
    int drawn = 0;
};
struct Death final : seams::Life {
    void die(const std::string& why) override { last = why; }
    std::string last;
};

class TempFolder {
   public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "rp-journal-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~TempFolder() { std::filesystem::remove_all(path_); }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

   private:
    std::filesystem::path path_;
};

inline std::string event_id(std::uint64_t n) {
    return derived_id({"test-event", std::to_string(n)});
}

struct EventParts {
    std::uint64_t seq = 1;
    std::uint64_t epoch = 1;
    std::string prev = {};
    std::string id = {};  // empty: event_id(seq)
    std::string case_id = {};
    bool opens_epoch = false;
    TimeMs recorded = start_ms;
    std::string actor = "staff-1";
};
inline std::string stored_event(const EventParts& parts) {
    Event event;
    event.set_event_id(parts.id.empty() ? event_id(parts.seq) : parts.id);
    event.set_hub(hub);
    event.set_service(parts.opens_epoch ? "audit" : "intake");
    event.set_aggregate_type(parts.opens_epoch ? "journal" : "case");
    event.set_aggregate_id(parts.opens_epoch ? hub : "case-of-" + event.event_id());
    event.set_case_id(parts.case_id);
    event.set_case_number(parts.case_id.empty() ? "" : "P-" + parts.case_id);
    event.mutable_actor()->set_id(parts.actor);
    if (parts.opens_epoch) {
        audit::EpochOpened opened;
        opened.set_epoch(parts.epoch);
        event.mutable_payload()->PackFrom(opened);
    } else {
        event.mutable_payload()->PackFrom(runtime::ReactionParked());
    }
    Event trailer;
    trailer.set_seq(parts.seq);
    trailer.set_epoch(parts.epoch);
    trailer.set_prev(parts.prev);
    *trailer.mutable_recorded_at() = to_timestamp(parts.recorded);
    return event.SerializeAsString() + trailer.SerializeAsString();
}

// An EpochOpened as seq 1 and then ordinary events up to `last`, all of epoch 1.
inline std::vector<std::string> history(std::uint64_t last, std::uint64_t from = 1) {
    std::vector<std::string> events;
    for (std::uint64_t seq = from; seq <= last; ++seq) {
        events.push_back(stored_event({.seq = seq,
                                       .prev = seq == 1 ? "" : event_id(seq - 1),
                                       .case_id = seq % 3 == 0 ? "case-a" : "",
                                       .opens_epoch = seq == 1,
                                       .recorded = start_ms + TimeMs(seq)}));
    }
    return events;
}

}  // namespace rightplace::test
