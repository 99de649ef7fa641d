// The receiving trusts: most accept a referral and see the patient; some never answer, some accept and never come, and
// some answer at the very moment when it is too late.
#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/time.hpp"
#include "tests/sim/history/people.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t around_ms = 400;  // before and after it is too late

enum class Manner { usual, never_answers, never_comes, at_the_last_moment, tells_of_arrival };

// By the referral's id and not by the town's chance: then a seed's other chances stay what they were.
Manner manner_of(const std::string& referral_id) {
    constexpr Manner of[] = {Manner::never_answers, Manner::never_comes, Manner::at_the_last_moment,
                             Manner::tells_of_arrival};
    const auto drawn = std::size_t(static_cast<unsigned char>(sha256(referral_id)[0])) % 12;
    return drawn < std::size(of) ? of[drawn] : Manner::usual;
}

}  // namespace

void People::look_at_referral(const Event& event, const referral::ReferralRequested& requested) {
    const auto& id = event.aggregate_id();
    const auto command = [&](const google::protobuf::Message& payload, const std::string& what) {
        Command one;
        one.set_command_id(what + "-" + id);
        one.set_hub(event.hub());
        one.mutable_actor()->set_id("receiving-trust");
        one.mutable_actor()->set_role("referral-coordinator");
        one.mutable_payload()->PackFrom(payload);
        return one;
    };
    referral::AcceptReferral accept;
    accept.set_referral_id(id);
    referral::RecordPatientReached reached;
    reached.set_referral_id(id);
    referral::CompleteReferral complete;
    complete.set_referral_id(id);
    complete.set_outcome("seen");
    const auto manner = manner_of(id);
    auto wait = town_.random.between(100, 20 * minute_ms);
    if (manner == Manner::at_the_last_moment)
        wait = std::max<std::int64_t>(
            1, to_ms(requested.accept_by()) - to_ms(event.recorded_at()) - around_ms + wait % (2 * around_ms));
    if (manner == Manner::never_answers) return;
    const auto done = [](const Reply&) {};
    const auto next = manner == Manner::tells_of_arrival ? command(reached, "reach") : command(complete, "complete");
    town_.at(wait, [this, manner, done, next, accepting = command(accept, "accept")] {
        ask("trust", "cli", "referral", accepting, [this, manner, done, next](const Reply& reply) {
            if (manner == Manner::never_comes) return;
            if (reply.status() != ACCEPTED && reply.status() != DUPLICATE) return;
            town_.at(town_.random.between(100, 20 * minute_ms),
                     [this, done, next] { ask("trust", "cli", "referral", next, done); });
        });
    });
}

}  // namespace rightplace::sim
