#include "services/adapters/alerts/shell/hub_side.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/clinical/alert_rules.hpp"
#include "messages/triage.pb.h"

namespace rightplace::alerts {

HubSide::HubSide(Receiver receiver, AdapterWorld world)
    : receiver_(std::move(receiver)), world_(world), file_(receiver_.mark_path), asker_(world_.clock, world_.client) {
    if (receiver_.url.empty()) return;
    Outbox::Outside outside{world_.clock,
                            world_.partner,
                            [this](std::uint64_t seq) { write_mark(seq); },
                            [this](const Message& first) { raise_alert(first); },
                            [this](const Message& first) {
                                // A refused message about refused messages raises none, or there would be no end.
                                if (first.kind == clinical::alert_kind::webhook_not_getting_through) return false;
                                raise_alert(first);
                                return true;
                            },
                            [this] {
                                if (std::exchange(behind_, false)) follow(taken_);
                            },
                            world_.log};
    outbox_.emplace(receiver_.url, receiver_.secret, std::move(outside));
}

void HubSide::start() {
    begin();
    mark_on();
}

// Where the record ends says whether the mark is one of this record.
void HubSide::begin() {
    audit::Read read;
    read.set_hub(receiver_.hub);
    read.set_from_seq(1);
    read.set_max_events(1);
    world_.reader.read(read.SerializeAsString(), limits::read_timeout_ms,
                       alive_.guard([this](const Result<std::string, seams::TransportError>& page) {
                           audit::ReadReply end;
                           if (page.ok() && end.ParseFromString(page.value()) && end.error().empty())
                               return begin_at(end);
                           world_.clock.after(begin_retry_ms, alive_.guard([this] { begin(); }));
                       }));
}

void HubSide::begin_at(const audit::ReadReply& end) {
    const auto found = file_.read();
    mark_lost_ = !found;
    if (!found) world_.log("mark-unreadable: " + found.error(), receiver_.hub);
    const auto mark = found ? found.value() : std::optional<Mark>();
    if (mark && mark->journal_id == end.journal_id() && mark->seq <= end.head_seq()) {
        mark_ = *mark;
        return follow(mark_.seq);
    }
    // The first start, or another record: who begins to listen is not told what has long been seen to. What stands is
    // said again when it goes up.
    if (mark) world_.log("mark-of-another-journal", receiver_.hub);
    mark_.journal_id = end.journal_id();
    if (write_mark(end.head_seq())) return follow(end.head_seq());
    world_.clock.after(begin_retry_ms, alive_.guard([this] { begin(); }));
}

// Not FeedFollower::fresh(): that knows no epoch before the first event after the mark.
bool HubSide::following() const {
    return follower_ != nullptr && follower_->heartbeat_age_ms() <= limits::heartbeat_max_age_ms;
}

void HubSide::follow(std::uint64_t after) {
    taken_ = after;
    follower_ = std::make_unique<runtime::FeedFollower>(
        receiver_.hub, world_.feed, world_.reader, world_.clock, world_.life,
        runtime::FeedFollower::Handlers{[this](const Event& event, const std::string&) { on_event(event); },
                                        [](const audit::Heartbeat&) {}});
    follower_->start(after);
}

void HubSide::on_event(const Event& event) {
    if (behind_) return;
    auto message = outbox_ ? message_of(event) : std::nullopt;
    if (message && outbox_->full()) {
        behind_ = true;
        return;
    }
    taken_ = event.seq();
    if (message) outbox_->put(std::move(*message));
    const bool idle = !outbox_ || outbox_->waiting() == 0;
    if (idle && taken_ >= mark_.seq + mark_every_events) write_mark(taken_);
}

bool HubSide::write_mark(std::uint64_t seq) {
    const auto written = file_.write({mark_.journal_id, seq});
    if (!written && !mark_fails_) world_.log("mark-not-written: " + written.error(), receiver_.hub);
    mark_fails_ = !written;
    if (written) mark_.seq = seq;
    return written.ok();
}

// So that a long quiet record is not read again at the next start.
void HubSide::mark_on() {
    const bool idle = !outbox_ || outbox_->waiting() == 0;
    if (follower_ != nullptr && idle && !behind_ && taken_ > mark_.seq) write_mark(taken_);
    world_.clock.after(mark_every_ms, alive_.guard([this] { mark_on(); }));
}

void HubSide::raise_alert(const Message& about) {
    triage::RaiseAlert alert;
    alert.set_kind(clinical::alert_kind::webhook_not_getting_through);
    alert.set_alert_id(derived_id({alert.kind(), receiver_.hub, about.id}));
    alert.set_subject(about.id);
    Command command;
    command.set_command_id(alert.alert_id());
    command.set_hub(receiver_.hub);
    command.mutable_actor()->set_id("alerts");
    command.mutable_actor()->set_role("system");
    command.mutable_payload()->PackFrom(alert);
    asker_.ask("triage", command, limits::command_deadline_default_ms, alive_.guard([this, about](const Reply& reply) {
        const bool later = reply.status() == UNAVAILABLE || reply.status() == UNKNOWN;
        if (later) world_.clock.after(pause_max_ms, alive_.guard([this, about] { raise_alert(about); }));
    }));
}

std::string HubSide::trouble() const {
    if (!receiver_.unusable.empty()) return receiver_.unusable;
    if (mark_lost_) {
        return "its file could not be read, so it began at the record's end; what stands comes when it is said again.";
    }
    if (mark_fails_) return "it cannot write how far it is: look at the disk. Until it can, messages may go out twice.";
    return outbox_ ? outbox_->trouble() : "";
}

runtime::HubStatus HubSide::status() const {
    runtime::HubStatus hub;
    hub.set_hub(receiver_.hub);
    hub.set_cursor(mark_.seq);
    hub.set_ready(following());
    if (!hub.ready()) hub.set_why_not_ready("following the journal");
    if (!outbox_ && receiver_.unusable.empty())
        hub.set_note("no webhook is configured: alerts are seen only by who looks at the queue or at status");
    hub.set_trouble(trouble());
    if (follower_ == nullptr) return hub;
    hub.set_epoch(follower_->heartbeat().epoch());
    hub.set_folded_seq(follower_->folded());
    hub.set_head_seq(std::max(follower_->folded(), follower_->heartbeat().head_seq()));
    hub.set_heartbeat_age_ms(std::uint64_t(follower_->heartbeat_age_ms()));
    return hub;
}

}  // namespace rightplace::alerts
