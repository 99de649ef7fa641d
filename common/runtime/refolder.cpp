#include "common/runtime/refolder.hpp"

#include "common/base/limits.hpp"

namespace rightplace::runtime {

Refolder::Refolder(const HubSettings& settings, const Domain& domain, const World& world, const FeedFollower& feed,
                   const Fold& fold, std::function<void(std::uint64_t)> on_ready, std::function<void()> on_closed)
    : settings_(settings),
      domain_(domain),
      world_(world),
      feed_(feed),
      fold_(fold),
      on_ready_(std::move(on_ready)),
      on_closed_(std::move(on_closed)) {}

void Refolder::look() {
    if (ready_epoch_ != 0 && ready_epoch_ != feed_.epoch()) {
        ready_epoch_ = 0;
        why_ = "a new epoch was opened: restoring";
        on_closed_();
    }
    if (ready_epoch_ != 0 || under_way_) return;
    if (!feed_.fresh()) {
        why_ = "waiting for audit: no fresh heartbeat of the followed epoch";
        return;
    }
    if (feed_.folded() < feed_.heartbeat().head_seq()) {
        why_ = "following the journal";
        return;
    }
    begin(feed_.epoch());
}

void Refolder::begin(std::uint64_t epoch) {
    under_way_ = true;
    why_ = "restoring its aggregates";
    world_.store.is_ready(settings_.hub, std::string(domain_.service()), epoch, domain_.fold(),
                          alive_.guard([this, epoch](const seams::Stored<bool>& ready) {
                              if (!ready.ok()) {
                                  retry(ready.error().detail);
                              } else if (ready.value()) {
                                  read_cursor(epoch);
                              } else {
                                  std::vector<AggregateId> ids;
                                  for (const auto& [id, aggregate] : fold_.all()) ids.push_back(id);
                                  restore_from(epoch, std::move(ids), 0);
                              }
                          }));
}

// In batches: what changes in the fold meanwhile only goes up in version, and so does a restore.
void Refolder::restore_from(std::uint64_t epoch, std::vector<AggregateId> ids, std::size_t at) {
    seams::RestoreRequest request;
    request.hub = settings_.hub;
    request.service = domain_.service();
    request.epoch = epoch;
    request.lease_ms = fold_.lease_ms();
    for (; at < ids.size() && request.records.size() < limits::restore_batch_records; ++at) {
        const auto* aggregate = fold_.find(ids[at]);
        if (aggregate == nullptr || aggregate->state == nullptr) continue;
        const auto& state = *aggregate->state;
        // A quarantined one as it was before the event that did not fit, at the version of then: its timers and queue
        // entries are worth more than none, and whatever a build that can fold it has written or will write is newer.
        const auto bad = fold_.quarantined().find(ids[at]);
        const bool whole = bad == fold_.quarantined().end();
        const auto version = whole ? aggregate->version : bad->second.good_version;
        seams::Record record{ids[at], version, domain_.fold(), {}, {}};
        if (!domain_.closed(ids[at].type, state)) {  // a closed one needs only its tombstone
            record.state = state.SerializeAsString();
            record.index = domain_.index(ids[at], state);
        }
        const auto token = whole ? domain_.live_claim(ids[at].type, state) : std::nullopt;
        if (token) request.leases.push_back({ids[at], *token, 0});
        request.records.push_back(std::move(record));
    }
    if (request.records.empty()) {
        mark(epoch);
        return;
    }
    world_.store.restore(std::move(request), alive_.guard([this, epoch, ids, at](const seams::Stored<bool>& restored) {
        if (!restored.ok()) {
            retry(restored.error().detail);
        } else {
            restore_from(epoch, ids, at);
        }
    }));
}

void Refolder::mark(std::uint64_t epoch) {
    world_.store.mark_ready(settings_.hub, std::string(domain_.service()), epoch, domain_.fold(),
                            alive_.guard([this, epoch](const seams::Stored<bool>& marked) {
                                if (!marked.ok()) {
                                    retry(marked.error().detail);
                                } else {
                                    read_cursor(epoch);
                                }
                            }));
}

void Refolder::read_cursor(std::uint64_t epoch) {
    world_.store.read_cursor(settings_.hub, std::string(domain_.service()), settings_.hub,
                             alive_.guard([this, epoch](const seams::Stored<std::uint64_t>& cursor) {
                                 if (!cursor.ok()) {
                                     retry(cursor.error().detail);
                                     return;
                                 }
                                 under_way_ = false;
                                 if (epoch != feed_.epoch()) return;  // overtaken; look() begins again
                                 ready_epoch_ = epoch;
                                 why_.clear();
                                 on_ready_(cursor.value());
                             }));
}

void Refolder::retry(const std::string& why) {
    why_ = "cannot restore yet: " + why;
    world_.clock.after(limits::refold_retry_ms, alive_.guard([this] {
        under_way_ = false;
        look();
    }));
}

}  // namespace rightplace::runtime
