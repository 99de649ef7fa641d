#include "tests/sim/judge/judge.hpp"

#include <algorithm>

#include "messages/audit.pb.h"
#include "tests/sim/judge/alert_model.hpp"
#include "tests/sim/judge/confirmation_model.hpp"
#include "tests/sim/judge/referral_model.hpp"

namespace rightplace::sim {
namespace {

// Of the sample patient (tests/unit/bars_sample.cpp) and of the people that the plan invents; none so short that sealed
// bytes spell it by chance in some million events.
const std::vector<std::string> identity{"9990000018",   "Testcase",   "07700 900101",
                                        "07700 900102", "Wren Aspen", "\"Wren\""};

constexpr std::int64_t stale_tail_ms = 60'000;  // an entry unjournalled for so long is never appended
constexpr std::int64_t slack_ms = 2'500;        // between two heartbeats, or on the way
constexpr std::int64_t heartbeat_ms = 2'000;    // the greatest age of one that is believed
constexpr std::int64_t old_news_ms = 8'000;     // that, and the slowest road
constexpr std::int64_t transit_ms = 300;        // on the way, when no road is slow

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

constexpr int http_ok = 200, http_conflict = 409;

bool certain(int status) {
    return status >= 200 && status < 500 && status != 408 && status != 425 && status != 429;
}

}  // namespace

void Judge::no_identity(const std::string& where, std::string_view text) {
    for (const auto& secret : identity) {
        if (text.find(secret) != std::string_view::npos) findings.add(8, where + " holds identity");
    }
}

// --- what is published and read --------------------------------------------------------------------

void Judge::published(const seams::FeedMessage& message) {
    if (message.heartbeat) return heartbeat(message);
    on_disk(message.hub, message.bytes, "published");
    Event event;
    if (good_clock && event.ParseFromString(message.bytes)) in_good_time(event);
}

void Judge::heartbeat(const seams::FeedMessage& message) {
    audit::Heartbeat beat;
    if (!beat.ParseFromString(message.bytes)) return findings.add(2, "a heartbeat that does not parse");
    if (beat.head_seq() > records_.at(message.hub).synced())
        findings.add(2, message.hub + ": a heartbeat vouches for seq " + std::to_string(beat.head_seq()) +
                            ", which is not on disk");
}

void Judge::in_good_time(const Event& event) {
    // What waited for the record longer than anybody waits for an answer was to be left out.
    if (ms(event.recorded_at()) + stale_tail_ms + slack_ms < good_clock())
        findings.add(1, event.hub() + " seq " + std::to_string(event.seq()) + ": appended long after it was committed");
    const auto known = commands_.find(event.command_id());
    if (known != commands_.end() && ms(event.recorded_at()) > known->second.decided_by + transit_ms)
        findings.add(1, event.command_id() + ": committed after its deadline");
}

void Judge::read(const std::string& hub, const seams::Bytes& reply) {
    audit::ReadReply said;
    if (!said.ParseFromString(reply)) return findings.add(2, "a read's answer does not parse");
    for (const auto& stored : said.events()) on_disk(hub, stored, "read");
}

void Judge::on_disk(const std::string& hub, const seams::Bytes& stored, const char* how) {
    Event event;
    if (!event.ParseFromString(stored)) return findings.add(2, hub + ": an event that does not parse");
    const auto name = hub + " seq " + std::to_string(event.seq()) + " was " + how;
    const auto& record = records_.at(hub);
    if (event.seq() > record.synced()) return findings.add(2, name + " before it was on disk");
    if (record.written()[event.seq() - 1] != stored) findings.add(2, name + " as another event than the record's");
    const auto [at, first] = seen_.try_emplace({hub, event.seq()}, stored);
    if (!first && at->second != stored) findings.add(2, name + " as another event than before");
    heard(hub, event.seq());
}

// What was not published before is known with what came after it: whoever follows reads it.
void Judge::heard(const std::string& hub, std::uint64_t seq) {
    const auto& written = records_.at(hub).written();
    for (auto& upto = heard_[hub]; upto < seq; ++upto) {
        Event event;
        if (event.ParseFromString(written[upto])) returns.heard(event);
    }
}

// --- commands --------------------------------------------------------------------------------------

void Judge::asked(const Command& command) {
    auto& known = commands_[command.command_id()];
    known.hub = command.hub();
    if (known.in_doubt == 0) {
        for (const auto& each : vouched_[command.hub()]) {
            if (each.at + old_news_ms < now()) known.head_at_least = each.head;
        }
    }
    if (good_clock) known.decided_by = std::max(known.decided_by, good_clock() + command.deadline_ms());
    known.in_doubt += copies_most;
}

void Judge::committed(const std::string& command_id) {
    const auto known = commands_.find(command_id);
    if (!good_clock || known == commands_.end()) return;
    // The store knows the time from a heartbeat that may be so old.
    if (good_clock() > known->second.decided_by + heartbeat_ms + transit_ms)
        findings.add(1, command_id + ": done long after its deadline");
}

// An answer must know at least what had been answered to others before its question was asked.
void Judge::not_from_the_past(const Command& command, const Reply& reply) {
    auto& vouched = vouched_[command.hub()];
    if (vouched.empty() || reply.head_seq() > vouched.back().head) vouched.push_back({now(), reply.head_seq()});
    const auto& known = commands_[command.command_id()];
    if (reply.head_seq() < known.head_at_least)
        findings.add(2, command.command_id() + ": answered as of seq " + std::to_string(reply.head_seq()) +
                            ", when seq " + std::to_string(known.head_at_least) + " had long been vouched for");
}

void Judge::answered(const Command& command, const Reply& reply) {
    auto& known = commands_[command.command_id()];
    if (reply.head_seq() > 0) not_from_the_past(command, reply);
    switch (reply.status()) {
        case ACCEPTED:
        case DUPLICATE:
            acknowledged(command, reply);
            break;
        case REFUSED:
            known.refused_for_good = true;
            if (reply.refusal().code() == CLAIMED_BY_OTHER) {
                const auto& type = command.payload().type_url();
                const bool completes =
                    type.find("ClaimReview") != std::string::npos || type.find("TransferReview") != std::string::npos;
                if (!completes) findings.add(7, type + " was refused because of somebody else's claim");
            }
            break;
        case UNAVAILABLE:
            // Certainly not done, if no other attempt is in doubt.
            if (known.in_doubt == 1 && known.receipt.empty() && has_command(command.hub(), command.command_id()))
                findings.add(1, command.command_id() + ": UNAVAILABLE, and yet it was done");
            break;
        default:
            return;  // UNKNOWN: it stays in doubt
    }
    --known.in_doubt;
}

void Judge::acknowledged(const Command& command, const Reply& reply) {
    auto& known = commands_[command.command_id()];
    const auto& receipt = reply.receipt();
    for (const auto& event : receipt.events()) {
        if (!in_record(command.hub(), event.event_id(), event.seq()))
            findings.add(1, command.command_id() + ": acknowledged, but " + event.name() + " at seq " +
                                std::to_string(event.seq()) + " is not on disk");
    }
    if (receipt.events().empty()) return;
    auto stripped = receipt;
    stripped.clear_seq();
    const auto bytes = stripped.SerializeAsString();
    if (known.receipt.empty()) known.receipt = bytes;
    if (known.receipt != bytes) findings.add(1, command.command_id() + ": acknowledged with two different receipts");
}

bool Judge::in_record(const std::string& hub, const std::string& event_id, std::uint64_t seq) const {
    const auto& record = records_.at(hub);
    if (seq == 0 || seq > record.synced()) return false;
    Event event;
    return event.ParseFromString(record.written()[seq - 1]) && event.event_id() == event_id;
}

const Judge::Index& Judge::index(const std::string& hub) const {
    const auto& record = records_.at(hub);
    auto& index = indexes_[hub];
    for (; index.upto < record.synced(); ++index.upto) {
        Event event;
        if (!event.ParseFromString(record.written()[index.upto])) continue;
        index.commands.insert(event.command_id());
        if (event.aggregate_type() == "case") index.cases.insert(event.aggregate_id());
    }
    return index;
}

bool Judge::has_command(const std::string& hub, const std::string& command_id) const {
    if (index(hub).commands.contains(command_id)) return true;
    const auto& record = records_.at(hub);
    return std::any_of(record.written().begin() + std::ptrdiff_t(record.synced()), record.written().end(),
                       [&](const seams::Bytes& stored) {
                           Event event;
                           return event.ParseFromString(stored) && event.command_id() == command_id;
                       });
}

void Judge::query_refused(const std::string& what, const Refusal& refusal) {
    if (refusal.code() == CLAIMED_BY_OTHER) findings.add(7, what + " was refused because of somebody else's claim");
}

void Judge::gave_up(const std::string& what) {
    findings.add(10, what + ": asked again and again, and never decided");
}

// --- BaRS ------------------------------------------------------------------------------------------

bool Judge::has_case(const std::string& hub, const std::string& case_id) const {
    return index(hub).cases.contains(case_id);
}

void Judge::bars_answered(const std::string& hub, const std::string& request_id, const std::string& case_id, int status,
                          const std::string& body) {
    if (status == http_ok || status == http_conflict) {
        // 409 says "we have it": that vouches for the case as much as 200 does.
        if (!case_id.empty() && !has_case(hub, case_id))
            findings.add(6, request_id + ": answered " + std::to_string(status) + ", and the case is not on disk");
    }
    if (!certain(status) || status == http_ok || status == http_conflict) return;
    const auto answer = std::pair{status, body};
    const auto [at, first] = exchanges_.try_emplace(request_id, answer);
    if (!first && at->second != answer)
        findings.add(6, request_id + ": answered " + std::to_string(at->second.first) + " and later " +
                            std::to_string(status) + ", or in other words");
}

void Judge::sender_got(const std::string& request_id, const std::string& body) {
    returns.sender_got(request_id);
    const auto [at, first] = posts_.try_emplace(request_id, body);
    if (!first && at->second != body) findings.add(6, request_id + ": sent to the sender twice, with other bytes");
}

// --- at rest ---------------------------------------------------------------------------------------

void Judge::at_rest(const std::map<std::string, std::int64_t>& hub_now, const RecordModel::Calm& calm) {
    std::map<std::string, RecordModel> models;
    for (const auto& [hub, record] : records_) {
        auto& model = models.try_emplace(hub, hub, findings).first->second;
        AlertModel alerts(hub, findings);
        ReferralModel referrals(hub, findings);
        ConfirmationModel confirmations(hub, findings);
        if (openings.contains(hub)) model.opening = openings.at(hub);
        for (const auto& stored : record.written()) {
            Event event;
            if (!event.ParseFromString(stored)) {
                findings.add(2, hub + ": an event in the record does not parse");
                continue;
            }
            model.add(event);
            alerts.add(event);
            referrals.add(event);
            confirmations.add(event);
            no_identity("the record of " + hub, stored);
        }
        for (const auto& [at, stored] : seen_) {
            if (at.first != hub) continue;
            if (at.second > record.written().size() || record.written()[at.second - 1] != stored)
                findings.add(2, hub + " seq " + std::to_string(at.second) + ": seen by others, and not the record's");
        }
        for (const auto& shown : queues[hub]) model.stands(shown);
        model.at_rest(hub_now.at(hub), calm);
        alerts.at_rest(hub_now.at(hub), calm.on_time);
        referrals.at_rest(hub_now.at(hub), calm.on_time);
        confirmations.at_rest(hub_now.at(hub), calm.on_time);
    }
    RecordModel::transfers_at_rest(models, findings);
    returns.at_rest(calm.endpoints, findings);
    for (const auto& [id, known] : commands_) {
        const auto model = models.find(known.hub);
        if (model == models.end()) continue;
        const bool done = model->second.has_command(id);
        if (!known.receipt.empty() && !done) findings.add(1, id + ": acknowledged, and not in the record");
        if (known.receipt.empty() && known.refused_for_good && known.in_doubt == 0 && done)
            findings.add(1, id + ": refused, and yet it was done");
    }
}

}  // namespace rightplace::sim
