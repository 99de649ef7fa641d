// What a sender says about its request later, by message: an update and a cancellation, each under ids of its own, sent
// again like any other message.
#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/own_resources.hpp"
#include "tests/sim/history/people.hpp"
#include "tests/unit/bars_sample.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t change_patience_ms = 4 * 3'600'000;

}  // namespace

void People::change_later(const Posting& posting) {
    const auto& arrival = posting.arrival;
    if (!changed_.insert(arrival.number).second) return;
    if (arrival.update_ms >= 0) post_change(posting, "update", arrival.update_ms);
    if (arrival.cancel_ms >= 0) post_change(posting, "cancel", arrival.cancel_ms);
}

void People::post_change(const Posting& posting, const std::string& what, std::int64_t after_ms) {
    const auto number = std::to_string(posting.arrival.number);
    auto bundle = nlohmann::ordered_json::parse(posting.body);
    bundle["id"] = derived_uuid({"sim", what, "bundle", number});
    auto& request = bars_sample::resource(bundle, "ServiceRequest");
    request["id"] = bars::resource_id({case_ids_[posting.arrival.number], {}}, 1);
    bars_sample::resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"] = "update";
    const auto dated = format_utc(town_.clock.wall_ms() + after_ms);
    for (const auto* type : {"MessageHeader", "ServiceRequest", "CarePlan"}) {
        bars_sample::resource(bundle, type)["meta"]["lastUpdated"] = dated;
    }
    if (what == "cancel") request["status"] = "revoked";
    auto change = std::make_shared<Posting>();
    change->arrival = posting.arrival;
    change->request_id = derived_uuid({"sim", what, "request", number});
    change->changes = true;
    change->body = bundle.dump();
    town_.at(after_ms, [this, change] {
        change->until = town_.now() + change_patience_ms;
        post(change);
    });
}

}  // namespace rightplace::sim
