#include "tests/sim/sim_hub.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <tuple>
#include <utility>

#include "common/base/limits.hpp"
#include "tests/sim/sim_bounds.hpp"

namespace rightplace::sim {

using namespace seams;

namespace {

Failure<StoreFailure> refuse(StoreError error, std::string detail = {}) {
    return {StoreFailure{error, std::move(detail)}};
}

}  // namespace

SimHub::SimHub(std::string name, HubData& data, OpenedHere& here, TimeMs store_ms)
    : name_(std::move(name)), data_(data), here_(here), store_ms_(store_ms) {}

// --- how the hub stands --------------------------------------------------------------------------------

bool SimHub::opened() const {
    return data_.head && here_.epoch != 0 && here_.epoch == data_.head->epoch && here_.seq == data_.head->seq;
}

std::optional<TimeMs> SimHub::now() const {
    if (!opened() || !data_.beat || data_.beat->epoch != data_.head->epoch) return std::nullopt;
    const std::int64_t elapsed = store_ms_ - data_.beat->at_ms;
    if (std::abs(elapsed) > limits::heartbeat_max_age_ms) return std::nullopt;
    return data_.beat->hub_ms + std::max<std::int64_t>(elapsed, 0);
}

SimHub::Refusal SimHub::closed() const {
    if (!opened()) return StoreFailure{StoreError::closed, data_.head ? "not opened in this process" : "no open epoch"};
    if (!now()) return StoreFailure{StoreError::closed, "no good heartbeat"};
    return std::nullopt;
}

Head SimHub::head() const {
    Head head;
    if (data_.head) {
        head.epoch = data_.head->epoch;
        head.seq = data_.head->seq;
        head.prev = data_.head->prev;
        head.journalled = data_.head->journalled;
    }
    head.hub_now = now().value_or(0);
    head.store_now = store_ms_;
    const auto why = closed();
    head.open = !why;
    if (why) head.why_closed = why->detail;
    return head;
}

Record SimHub::record(const AggregateId& aggregate) const {
    const auto found = data_.records.find(aggregate);
    return found == data_.records.end() ? Record{aggregate, 0, 0, {}, {}} : found->second;
}

std::optional<Lease> SimHub::lease(const AggregateId& aggregate) const {
    const auto found = data_.leases.find(aggregate);
    if (found == data_.leases.end()) return std::nullopt;
    Lease lease = found->second;
    if (data_.head) lease.expires = std::max(lease.expires, data_.head->lease_floor);
    return lease;
}

std::optional<std::uint32_t> SimHub::ready_fold(const std::string& service) const {
    const auto found = data_.ready.find(service);
    if (!data_.head || found == data_.ready.end() || found->second.first != data_.head->epoch) return std::nullopt;
    return found->second.second;
}

// --- commit --------------------------------------------------------------------------------------------

SimHub::Refusal SimHub::not_now(const CommitRequest& request, TimeMs hub_now) const {
    const HubHead& head = *data_.head;
    if (request.epoch != head.epoch) return StoreFailure{StoreError::other_epoch, {}};
    if (head.seq < request.seen_seq) return StoreFailure{StoreError::behind, {}};
    if (hub_now > request.deadline) return StoreFailure{StoreError::deadline_passed, {}};
    if (head.seq + request.events.size() > head.journalled + limits::tail_max_events)
        return StoreFailure{StoreError::tail_full, {}};
    const bool newer =
        std::ranges::any_of(request.sets, [&](const Record& set) { return record(set.aggregate).fold > set.fold; });
    if (newer) return StoreFailure{StoreError::fold_too_new, {}};
    return std::nullopt;
}

SimHub::Refusal SimHub::guards_hold(const CommitRequest& request) const {
    for (const auto& guard : request.guards) {
        if (guard.owner.empty() || guard.owner == "audit") continue;
        const auto fold = ready_fold(guard.owner);
        const bool own = guard.owner == request.service;
        if (own && fold && *fold > request.fold) return StoreFailure{StoreError::fold_too_new, guard.owner};
        if (!fold || (own && *fold != request.fold)) return StoreFailure{StoreError::not_ready, guard.owner};
    }
    for (const auto& guard : request.guards) {
        const Record held = record(guard.aggregate);
        const bool holds = guard.kind == Guard::Kind::version  ? held.version == guard.version
                           : guard.kind == Guard::Kind::absent ? held.version == 0
                                                               : held.state == guard.state;
        if (!holds) return StoreFailure{StoreError::conflict, guard.aggregate.type};
    }
    const bool marks = !request.events.empty() && !request.command_id.empty();
    if (marks && data_.marks.contains(request.command_id)) return StoreFailure{StoreError::conflict, "done"};
    return std::nullopt;
}

void SimHub::append(const CommitRequest& request, TimeMs hub_now) {
    HubHead& head = *data_.head;
    for (std::size_t i = 0; i < request.events.size(); ++i) {
        Event trailer;
        trailer.set_seq(++head.seq);
        trailer.set_epoch(head.epoch);
        trailer.set_prev(head.prev);
        *trailer.mutable_recorded_at() = to_timestamp(hub_now);
        data_.log[head.seq] = request.events[i] + trailer.SerializeAsString();
        head.prev = request.event_ids[i];
    }
    here_.seq = head.seq;
}

void SimHub::put(const Record& record) {
    const auto old = data_.records.find(record.aggregate);
    if (old != data_.records.end())
        for (const auto& entry : old->second.index) data_.queues[entry.queue].erase(entry.member);
    for (const auto& entry : record.index) data_.queues[entry.queue][entry.member] = entry.score;
    data_.records[record.aggregate] = record;
}

void SimHub::put(const Lease& lease, TimeMs hub_now) {
    data_.leases[lease.aggregate] = lease;
    data_.head->lease_longest = std::max(data_.head->lease_longest, lease.expires - hub_now);
}

Stored<Committed> SimHub::commit(const CommitRequest& request) {
    if (const auto broken = broken_bound(request)) return refuse(StoreError::invalid, *broken);
    if (const auto why = closed()) return Failure{*why};
    const TimeMs hub_now = *now();
    if (const auto why = not_now(request, hub_now)) return Failure{*why};
    if (const auto why = guards_hold(request)) return Failure{*why};

    const std::uint64_t before = data_.head->seq;
    append(request, hub_now);
    for (const auto& set : request.sets) put(set);
    if (!request.events.empty() && !request.command_id.empty())
        data_.marks[request.command_id] = {{request.epoch, before + 1, request.receipt}, hub_now};
    const Lease& changed = request.lease.lease;
    if (request.lease.kind == LeaseChange::Kind::set) put(changed, hub_now);
    if (request.lease.kind == LeaseChange::Kind::clear) {
        const auto held = data_.leases.find(changed.aggregate);
        if (held != data_.leases.end() && (changed.token.empty() || changed.token == held->second.token))
            data_.leases.erase(held);
    }
    const std::uint64_t after = data_.head->seq;
    return Committed{request.epoch, request.events.empty() ? after : before + 1, after, hub_now};
}

// --- the rest of what services may do ---------------------------------------------------------------------

Stored<Loaded> SimHub::load(const LoadRequest& request) const {
    if (const auto broken = broken_bound(request)) return refuse(StoreError::invalid, *broken);
    Loaded loaded;
    loaded.head = head();
    const auto mark = data_.marks.find(request.command_id);
    if (mark != data_.marks.end()) loaded.done = mark->second.mark;
    for (const auto& aggregate : request.aggregates) {
        loaded.records.push_back(record(aggregate));
        loaded.leases.push_back(lease(aggregate));
    }
    return loaded;
}

Stored<bool> SimHub::restore(const RestoreRequest& request) {
    if (const auto broken = broken_bound(request)) return refuse(StoreError::invalid, *broken);
    if (const auto why = closed()) return Failure{*why};
    if (request.epoch != data_.head->epoch) return refuse(StoreError::other_epoch);
    for (const auto& each : request.records) {
        const Record held = record(each.aggregate);
        if (std::pair(each.version, each.fold) > std::pair(held.version, held.fold)) put(each);
    }
    const TimeMs hub_now = *now();
    for (Lease fresh : request.leases) {
        fresh.expires = hub_now + request.lease_ms;
        const auto held = data_.leases.find(fresh.aggregate);
        if (held != data_.leases.end() && held->second.token == fresh.token)
            fresh.expires = std::max(fresh.expires, held->second.expires);
        put(fresh, hub_now);
    }
    return true;
}

Stored<bool> SimHub::mark_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold) {
    if (!is_word(service)) return refuse(StoreError::invalid, "service");
    if (!opened()) return Failure{*closed()};
    if (epoch != data_.head->epoch) return refuse(StoreError::other_epoch);
    if (ready_fold(service).value_or(0) > fold) return refuse(StoreError::fold_too_new, service);
    data_.ready[service] = {epoch, fold};
    return true;
}

Stored<bool> SimHub::is_ready(const std::string& service, std::uint64_t epoch, std::uint32_t fold) const {
    if (!is_word(service)) return refuse(StoreError::invalid, "service");
    return opened() && epoch == data_.head->epoch && ready_fold(service) == fold;
}

Stored<bool> SimHub::renew(std::uint64_t epoch, const Lease& wanted) {
    if (!is_lease(wanted)) return refuse(StoreError::invalid, "lease");
    if (const auto why = closed()) return Failure{*why};
    if (epoch != data_.head->epoch) return refuse(StoreError::other_epoch);
    const auto held = data_.leases.find(wanted.aggregate);
    if (held == data_.leases.end() || held->second.token != wanted.token) return false;
    Lease renewed = wanted;
    renewed.expires = std::max(wanted.expires, held->second.expires);
    put(renewed, *now());
    return true;
}

Stored<std::vector<Lease>> SimHub::expired(const std::string& aggregate_type) const {
    if (!is_word(aggregate_type)) return refuse(StoreError::invalid, "aggregate type");
    if (const auto why = closed()) return Failure{*why};
    std::vector<Lease> found;
    for (const auto& [aggregate, held] : data_.leases) {
        const Lease each = *lease(aggregate);
        if (aggregate.type == aggregate_type && each.expires <= *now()) found.push_back(each);
    }
    return found;
}

Stored<std::vector<Due>> SimHub::due(const std::string& queue, std::size_t most) const {
    if (most > limits::due_max) return refuse(StoreError::invalid, "most");
    if (const auto why = closed()) return Failure{*why};
    if (!is_name(queue)) return refuse(StoreError::invalid, "queue");
    std::vector<std::pair<double, std::string>> ripe;
    const auto found = data_.queues.find(queue);
    if (found != data_.queues.end())
        for (const auto& [member, score] : found->second)
            if (score <= static_cast<double>(*now())) ripe.emplace_back(score, member);
    std::ranges::sort(ripe);
    std::vector<Due> due;
    for (std::size_t i = 0; i < std::min(most, ripe.size()); ++i)
        due.push_back({ripe[i].second, static_cast<TimeMs>(std::floor(ripe[i].first))});
    return due;
}

void SimHub::raise(const CursorRestore& cursor) {
    if (cursor.seq == 0) return;
    auto& held = data_.cursors[cursor.service][cursor.source_hub];
    held = std::max(held, cursor.seq);
}

Stored<bool> SimHub::save_cursor(const CursorRestore& cursor) {
    if (!is_cursor(cursor)) return refuse(StoreError::invalid, "cursor");
    if (!opened()) return Failure{*closed()};
    raise(cursor);
    return true;
}

Stored<std::uint64_t> SimHub::read_cursor(const std::string& service, const std::string& source_hub) const {
    if (!is_cursor({service, source_hub, 0})) return refuse(StoreError::invalid, "cursor");
    const auto of_service = data_.cursors.find(service);
    if (of_service == data_.cursors.end()) return std::uint64_t{0};
    const auto found = of_service->second.find(source_hub);
    return found == of_service->second.end() ? std::uint64_t{0} : found->second;
}

// --- what only audit may do ---------------------------------------------------------------------------------

Stored<StoreSituation> SimHub::situation() const {
    return StoreSituation{head(), here_.epoch, here_.seq, data_.log.empty() ? 0 : data_.log.begin()->first};
}

Stored<bool> SimHub::wipe() {
    here_.highest = std::max({here_.highest, here_.epoch, data_.head ? data_.head->epoch : 0});
    here_.epoch = here_.seq = 0;
    data_ = {};
    data_.wiped = here_.wiped = true;
    return true;
}

SimHub::Refusal SimHub::not_wiped() const {
    if (here_.epoch != 0) return StoreFailure{StoreError::invalid, "the hub is not closed"};
    if (!here_.wiped || !data_.wiped) return StoreFailure{StoreError::invalid, "the hub is not wiped"};
    return std::nullopt;
}

Stored<bool> SimHub::restore_marks(const std::vector<DoneRestore>& marks, const std::vector<CursorRestore>& cursors) {
    if (const auto broken = broken_bound(marks, cursors)) return refuse(StoreError::invalid, *broken);
    if (const auto why = not_wiped()) return Failure{*why};
    for (const auto& each : marks) data_.marks[each.command_id] = {each.mark, 0};
    for (const auto& each : cursors) {
        raise(each);
    }
    return true;
}

Stored<bool> SimHub::open(const OpenRequest& request) {
    if (!is_count(request.epoch) || !is_count(request.seq) || request.hub_now < 0 ||
        request.prev.size() > limits::name_max_bytes)
        return refuse(StoreError::invalid, "open");
    if (request.epoch <= std::max({here_.highest, here_.epoch, data_.head ? data_.head->epoch : 0}))
        return refuse(StoreError::other_epoch);
    if (const auto why = not_wiped()) return Failure{*why};
    if (data_.head || !data_.log.empty()) return refuse(StoreError::invalid, "the hub is not wiped");
    data_.wiped = false;
    data_.head = HubHead{request.epoch, request.seq, request.prev, request.seq, request.hub_now, 0, 0};
    here_ = {request.epoch, request.seq, request.epoch};
    return true;
}

Stored<Head> SimHub::beat(std::uint64_t epoch, std::uint64_t journalled, TimeMs hub_now, TimeMs store_by) {
    if (!is_count(epoch) || !is_count(journalled) || hub_now < 0 || store_by < 0)
        return refuse(StoreError::invalid, "beat");
    if (!opened()) return Failure{*closed()};
    HubHead& of = *data_.head;
    if (epoch != of.epoch) return refuse(StoreError::other_epoch);
    if (journalled > of.seq) return refuse(StoreError::invalid, "journalled");
    if (store_ms_ > store_by) return refuse(StoreError::deadline_passed, "heartbeat");
    if (!now()) of.lease_floor = std::max(of.lease_floor, hub_now + of.lease_longest);
    of.journalled = std::max(of.journalled, journalled);
    forget_marks(hub_now);
    data_.beat = HubBeat{epoch, hub_now, store_ms_};
    if (of.journalled > limits::log_keep_events)
        data_.log.erase(data_.log.begin(), data_.log.lower_bound(of.journalled - limits::log_keep_events + 1));
    return head();
}

// As hub_audit.lua states the rule: old, and no cursor over this hub's own log below it.
void SimHub::forget_marks(TimeMs hub_now) {
    std::uint64_t lowest = UINT64_MAX;
    for (const auto& [service, by_source] : data_.cursors) {
        const auto own = by_source.find(name_);
        if (own != by_source.end()) lowest = std::min(lowest, own->second);
    }
    // A day's marks are many, and most beats forget none: only the oldest are put in order, and nothing is copied.
    using Marked = decltype(data_.marks)::const_iterator;
    std::vector<Marked> oldest;
    oldest.reserve(data_.marks.size());
    for (auto at = data_.marks.cbegin(); at != data_.marks.cend(); ++at) oldest.push_back(at);
    const auto last = oldest.begin() + std::ptrdiff_t(std::min<std::size_t>(oldest.size(), limits::marks_per_beat));
    std::partial_sort(oldest.begin(), last, oldest.end(), [](const Marked& a, const Marked& b) {
        return std::tie(a->second.mark.first_seq, a->first) < std::tie(b->second.mark.first_seq, b->first);
    });
    for (auto at = oldest.begin(); at != last; ++at) {
        const auto& each = (*at)->second;
        const TimeMs since = std::max(each.at, data_.head->opened);
        if (each.mark.first_seq > lowest || hub_now - since <= limits::done_keep_ms) return;
        data_.marks.erase(*at);
    }
}

Stored<std::vector<CursorRestore>> SimHub::cursors() const {
    std::vector<CursorRestore> found;
    for (const auto& [service, by_source] : data_.cursors)
        for (const auto& [source, seq] : by_source) found.push_back({service, source, seq});
    return found;
}

}  // namespace rightplace::sim
