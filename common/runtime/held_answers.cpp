#include "common/runtime/held_answers.hpp"

namespace rightplace::runtime {

void HeldAnswers::hold(Held held) {
    all_.push_back({std::move(held), false, clock_.boot_ms()});
    const auto entry = std::prev(all_.end());
    if (!entry->held.event_id.empty()) by_event_[entry->held.event_id] = entry;
}

void HeldAnswers::event_seen(const std::string& event_id) {
    const auto found = by_event_.find(event_id);
    if (found != by_event_.end()) found->second->seen = true;
}

void HeldAnswers::release(bool fresh, std::uint64_t epoch, std::uint64_t journalled) {
    const auto now = clock_.boot_ms();
    for (auto at = all_.begin(); at != all_.end();) {
        const auto entry = at++;
        const auto& held = entry->held;
        const bool by_seq = held.event_id.empty() && held.epoch == epoch && held.seq <= journalled;
        if (fresh && (entry->seen || by_seq)) {
            settle(entry, true);
        } else if (now >= held.deadline || (held.epoch < epoch && !entry->seen)) {
            settle(entry, false);
        }
    }
}

void HeldAnswers::settle(std::list<Entry>::iterator entry, bool vouched) {
    Held held = std::move(entry->held);
    if (!held.event_id.empty()) by_event_.erase(held.event_id);
    all_.erase(entry);
    if (!vouched) {
        Reply unknown;
        unknown.set_command_id(held.reply.command_id());
        unknown.set_status(UNKNOWN);
        unknown.set_reason("not known to be in the journal; ask again with the same command id");
        held.reply = unknown;
    }
    held.answer(std::move(held.reply));
}

std::int64_t HeldAnswers::oldest_ms() const {
    return all_.empty() ? 0 : clock_.boot_ms() - all_.front().since;
}

}  // namespace rightplace::runtime
