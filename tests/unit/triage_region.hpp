// Three hubs that commit for themselves and follow each other's feeds, as the runtime lets them: what one hub emits is
// heard in its order, each feed at its own pace, and what was heard last may be heard again. Timers and leases run out
// late. A hub's services may be down, and its people gone.
#pragma once

#include <array>
#include <functional>

#include "tests/unit/triage_transfer_bench.hpp"

namespace rightplace::triage::bench {

inline policy::HubPolicy policy_of(const std::string& hub, const std::string& offer_to) {
    const std::string attended =
        " attendance { source: \"s\" hours { opens: \"00:00\" closes: \"00:00\" source: \"s\" } offer_to_hub: \"" +
        offer_to + "\" }";
    return clinical::parse_policy(policy_text(hub) + (offer_to.empty() ? "" : attended)).value();
}

// On the screens of that hub's people.
inline bool on_queue(const Side& side) {
    const GetQueue get;
    const auto answer = domain.query({&get, nullptr, 0}, side.context());
    return static_cast<const QueueReply&>(*answer.value()).reviews_size() > 0;
}

struct Region {
    static constexpr std::size_t size = 3;
    static constexpr std::size_t home = 0;  // it opened the case, and answers its sender
    static inline const std::array<std::string, size> names{"ashford", "paddock-wood", "far-away"};

    std::array<Side, size> hubs;
    std::array<std::array<std::size_t, size>, size> heard{};  // [here][there]; of its own feed as well
    std::array<TimeMs, size> down_until{};
    std::array<TimeMs, size> gone_until{};  // its people
    std::string refused;                    // a message between hubs that a rule had no answer to
    std::function<void()> look = [] {};     // after each command that nobody gave

    explicit Region(bool attended) {
        static const std::array<policy::HubPolicy, 2 * size> policies{
            policy_of(names[0], ""),       policy_of(names[1], ""),       policy_of(names[2], ""),
            policy_of(names[0], names[1]), policy_of(names[1], names[2]), policy_of(names[2], names[1])};
        for (std::size_t here = 0; here < size; ++here) {
            hubs[here].hub = names[here];
            hubs[here].policy = &policies[here + (attended ? size : 0)];
            for (std::size_t there = 0; there < size; ++there) {
                if (there != here) hubs[here].other_hubs.push_back(names[there]);
            }
            sign_on(here);
        }
    }

    static std::size_t index_of(const std::string& hub) {
        return std::size_t(std::find(names.begin(), names.end(), hub) - names.begin());
    }
    TimeMs now() const { return hubs[home].now; }
    bool up(std::size_t here) const { return down_until[here] <= now(); }
    bool attended(std::size_t here) const { return up(here) && gone_until[here] <= now(); }
    void pass(TimeMs ms) {
        for (auto& each : hubs) each.now += ms;
    }
    void sign_on(std::size_t here) {
        for (const char* who : {"b", "c"}) {
            SignOn on;
            on.set_staff_id(who);
            hubs[here].run(on, who, "ed-consultant");
        }
    }
    void sign_off(std::size_t here) {
        for (const char* who : {"b", "c"}) {
            SignOff off;
            off.set_staff_id(who);
            hubs[here].run(off, who, "ed-consultant");
        }
    }

    bool hear(std::size_t here, std::size_t there) {
        auto& next = heard[here][there];
        if (!up(here) || next == hubs[there].log.size()) return false;
        tell(here, there, next++);
        return true;
    }
    // What is passed on is somebody's command to this hub; the store does it once, whatever the rules would say.
    void hear_again(std::size_t here, std::size_t there) {
        const auto next = heard[here][there];
        if (!up(here) || next == 0) return;
        if (runtime::as<PassedOn>(*hubs[there].log[next - 1].payload) == nullptr) tell(here, there, next - 1);
    }
    // Every timer that is due, and the claim whose lease has run out.
    void fire(std::size_t here) {
        if (!up(here)) return;
        Side& side = hubs[here];
        std::vector<std::shared_ptr<const runtime::Message>> due;
        for (const char* type : {"review", "transfer"}) {
            side.each(type, [&](const runtime::AggregateId& id, const runtime::Aggregate&) {
                for (const auto& entry : side.index(type, id.id)) {
                    const auto timer = runtime::parse_timer_member(entry.member);
                    if (!timer || entry.score > double(side.now)) continue;
                    due.push_back(domain.on_timer(timer->aggregate, timer->kind, TimeMs(entry.score)));
                }
            });
        }
        if (side.has_review() && side.review().has_claim() && side.lease_of({"review", "c1"}) <= side.now) {
            due.push_back(domain.on_lease_lapsed({"review", "c1"}, side.token()));
        }
        for (const auto& command : due) {
            side.run(*command, "triage", "system");
            look();
        }
    }
    bool hear_all() {
        bool any = false;
        for (std::size_t here = 0; here < size; ++here) {
            for (std::size_t there = 0; there < size; ++there) any = hear(here, there) || any;
        }
        return any;
    }

   private:
    void tell(std::size_t here, std::size_t there, std::size_t position) {
        const auto event = hubs[there].log[position];
        const auto outcomes = here == there ? hubs[here].react(event) : hubs[here].react_to_other(event);
        look();
        if (here == there) return;
        for (const auto& outcome : outcomes) {
            if (outcome.refusal) refused = event.payload->GetDescriptor()->name() + ": " + outcome.refusal->sentence();
        }
    }
};

}  // namespace rightplace::triage::bench
