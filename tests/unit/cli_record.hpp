// A hub's record of reviews for the tests of figures.
#pragma once

#include "messages/transfer.pb.h"
#include "services/cli/domain/figures_check.hpp"

namespace rightplace::cli::test {

// A record as its hub writes it, said in few words.
struct Record {
    void add(const google::protobuf::Message& payload, const std::string& case_id, TimeMs at,
             const std::string& type = "review") {
        Event event;
        const auto seq = events.size() + 1;
        event.set_event_id("e" + std::to_string(seq));
        event.set_prev(events.empty() ? "" : events.back().event_id());
        event.set_seq(seq);
        event.set_epoch(1);
        event.set_aggregate_type(type);
        event.set_aggregate_id(case_id);
        event.set_case_id(case_id);
        *event.mutable_occurred_at() = to_timestamp(at);
        *event.mutable_recorded_at() = to_timestamp(at + 5);
        event.mutable_payload()->PackFrom(payload);
        events.push_back(event);
    }
    void queue(const std::string& id, TimeMs at, intake::Origin origin = intake::CREW_ON_SCENE,
               const std::string& plan = "CONVEY_TO_ED", intake::Category category = intake::C3) {
        triage::ReviewQueued queued;
        queued.mutable_facts()->set_origin(origin);
        queued.mutable_facts()->set_category(category);
        queued.mutable_facts()->set_original_plan(plan);
        add(queued, id, at);
    }
    void claim(const std::string& id, TimeMs at) { add(triage::ReviewClaimed(), id, at); }
    void decide(const std::string& id, TimeMs at, triage::Pathway pathway, const std::string& at_hub = "",
                const std::string& against_advice = "") {
        triage::ReviewDecided decided;
        decided.set_pathway(pathway);
        decided.set_against_advice(against_advice);
        if (!at_hub.empty()) decided.mutable_at()->set_hub(at_hub);
        add(decided, id, at);
    }
    void reopen(const std::string& id, TimeMs at, const std::string& at_hub = "") {
        triage::ReviewReopened reopened;
        if (!at_hub.empty()) reopened.mutable_at()->set_hub(at_hub);
        add(reopened, id, at);
    }
    void transfer(const std::string& id, TimeMs at) { add(triage::ReviewTransferred(), id, at); }
    void receive(const std::string& id, TimeMs at) {
        triage::ReviewReceived received;
        received.mutable_review()->mutable_facts()->set_origin(intake::VALIDATION_999);
        received.mutable_review()->mutable_facts()->set_category(intake::C3);
        received.mutable_review()->set_category(intake::C2);
        add(received, id, at);
    }
    Figures figures(TimeMs now = 0, Period period = {}) const {
        Tally tally(period);
        for (const auto& event : events) tally.add(event);
        return tally.figures(now);
    }
    std::vector<std::string> differ(TimeMs now = 0, Period period = {}) const {
        return differences(every_number(figures(now, period)), recount(events, period, now));
    }
    std::vector<Event> events;
};

}  // namespace rightplace::cli::test
