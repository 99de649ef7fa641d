#include "services/audit/domain/marks.hpp"

#include <algorithm>

#include "services/audit/domain/own_events.hpp"

namespace rightplace::audit {

void MarkCollector::add(const Event& event) {
    if (event.command_id() != open_.command_id) finish();
    last_seq_ = event.seq();
    if (event.command_id().empty()) return;
    if (open_.command_id.empty()) {
        open_.command_id = event.command_id();
        open_.mark = {event.epoch(), event.seq(), {}};
        receipt_.set_command_id(event.command_id());
    }
    const std::string& url = event.payload().type_url();
    auto& line = *receipt_.add_events();
    line.set_event_id(event.event_id());
    line.set_name(url.substr(url.rfind('.') + 1));
    line.set_aggregate_type(event.aggregate_type());
    line.set_aggregate_id(event.aggregate_id());
    line.set_aggregate_version(event.aggregate_version());
    line.set_case_id(event.case_id());
    line.set_case_number(event.case_number());
}

void MarkCollector::finish() {
    if (!open_.command_id.empty() && last_seq_ >= from_) {
        open_.mark.receipt = receipt_.SerializeAsString();
        marks_.push_back(std::move(open_));
    }
    open_ = {};
    receipt_.Clear();
}

std::vector<seams::DoneRestore> MarkCollector::take() {
    finish();
    return std::move(marks_);
}

void raise(Cursors& cursors, const std::string& service, const std::string& source_hub, std::uint64_t seq) {
    auto& held = cursors[{service, source_hub}];
    held = std::max(held, seq);
}

std::uint64_t lowest_cursor(const Cursors& cursors, const std::string& hub, std::uint64_t none) {
    std::uint64_t lowest = none;
    for (const auto& [of, seq] : cursors) {
        if (of.second == hub) lowest = std::min(lowest, seq);
    }
    return lowest;
}

void OwnHistory::note(const Event& event) {
    upto = event.seq();
    constexpr std::uint64_t first_seq = 1;  // audit's own EpochOpened: nobody reacts to it
    if (!event.service().empty() && event.service() != "audit") raise(cursors, event.service(), event.hub(), first_seq);
    if (event.aggregate_type() != journal_type) return;
    version = event.aggregate_version();
    JournalCheckpoint checkpoint;
    if (!event.payload().UnpackTo(&checkpoint)) return;
    checkpoint_seq = event.seq();
    for (const auto& mark : checkpoint.cursors()) raise(cursors, mark.service(), mark.source_hub(), mark.seq());
}

}  // namespace rightplace::audit
