#include "services/adapters/alerts/shell/outbox.hpp"

#include <algorithm>
#include <utility>

#include "common/base/invariant.hpp"
#include "services/adapters/alerts/domain/signature.hpp"

namespace rightplace::alerts {
namespace {

std::string answer_word(const seams::HttpAnswer& answer) {
    return answer.status == 0 ? "does not answer" : "answers " + std::to_string(answer.status);
}

}  // namespace

void Outbox::put(Message message) {
    INVARIANT(!full());
    INVARIANT(waiting_.empty() || waiting_.back().seq < message.seq);
    waiting_.push_back(std::move(message));
    if (!busy_) send();
}

std::int64_t Outbox::stuck_ms() const {
    if (attempts_ == 0) return 0;
    const auto tried = outside_.clock.boot_ms() - first_tried_at_;
    const auto recorded = waiting_.front().recorded_at;
    return recorded == 0 ? tried : std::max(tried, outside_.clock.wall_ms() - recorded);
}

std::string Outbox::trouble() const {
    if (stuck_ms() >= trouble_after_ms) {
        return "its webhook's receiver " + last_answer_ + ": " + std::to_string(waiting_.size()) +
               (full() ? " or more" : "") + (waiting_.size() == 1 ? " message waits" : " messages wait") + ", for " +
               std::to_string(stuck_ms() / 60'000) +
               " min. They go out in order once it takes them; look at it, and at url.";
    }
    if (!gave_up_last_) return "";
    return "its webhook's receiver refused the last message for good (" + last_answer_ +
           "): look at its log, at url and at the secret. Alerts that stand are sent again when they go up.";
}

void Outbox::send() {
    INVARIANT(!busy_ && !waiting_.empty());
    busy_ = true;
    if (attempts_ == 0) first_tried_at_ = outside_.clock.boot_ms();
    const Message& first = waiting_.front();
    const auto timestamp = outside_.clock.wall_ms() / 1'000;
    seams::HttpRequest request;
    request.url = url_;
    request.headers = {{"Content-Type", "application/json"},
                       {"webhook-id", first.id},
                       {"webhook-timestamp", std::to_string(timestamp)},
                       {"webhook-signature", signature(secret_, first.id, timestamp, first.body)}};
    request.body = first.body;
    request.timeout_ms = answer_within_ms;
    ++attempts_;
    outside_.partner.post(std::move(request),
                          alive_.guard([this](const seams::HttpAnswer& answer) { answered(answer); }));
}

void Outbox::answered(const seams::HttpAnswer& answer) {
    last_answer_ = answer_word(answer);
    const auto outcome = outcome_of(answer.status);
    if (outcome == Outcome::delivered) {
        ++counts_.delivered;
        told_ = gave_up_last_ = false;
        return settled();
    }
    ++counts_.failed;
    if (outcome == Outcome::refused && ++refusals_ >= refusals_max) {
        ++counts_.given_up;
        gave_up_last_ = true;
        outside_.log("webhook-message-given-up:" + std::to_string(answer.status), waiting_.front().id);
        if (!told_) told_ = outside_.given_up(waiting_.front());
        return settled();
    }
    tell_if_stuck();
    outside_.clock.after(pause_ms(attempts_), alive_.guard([this] {
        busy_ = false;
        send();
    }));
}

void Outbox::tell_if_stuck() {
    if (told_ || stuck_ms() < trouble_after_ms) return;
    told_ = true;
    outside_.log("webhook-not-getting-through", waiting_.front().id);
    outside_.stuck(waiting_.front());
}

// What could not be noted on disk goes out again after a restart; what comes after it does not wait for that.
void Outbox::settled() {
    outside_.done_with(waiting_.front().seq);
    waiting_.pop_front();
    attempts_ = refusals_ = 0;
    busy_ = false;
    if (!waiting_.empty()) return send();
    outside_.clock.after(0, alive_.guard([this] {
        if (waiting_.empty()) outside_.empty();
    }));
}

}  // namespace rightplace::alerts
