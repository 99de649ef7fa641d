#include "services/triage/domain/triage_domain.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "common/clinical/categories.hpp"
#include "common/clinical/hub_policy.hpp"
#include "common/clinical/streams.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::must_be;

// Who may send what, by the role of the key that vouches. Clinicians' commands come by the CLI, the
// board or a bench; the rest is triage's own: reactions, timers, the lease scanner. Policy is governance's
// too; triage itself adopts the shipped one.
enum class By { clinician, own, both, governance };
struct Allowed {
    std::string_view command;
    By by;
};
constexpr std::array table{
    Allowed{"rightplace.triage.QueueReview", By::own},
    Allowed{"rightplace.triage.ClaimReview", By::clinician},
    Allowed{"rightplace.triage.TakeOverReview", By::clinician},
    Allowed{"rightplace.triage.RenewClaim", By::clinician},
    Allowed{"rightplace.triage.ReleaseClaim", By::clinician},
    Allowed{"rightplace.triage.LapseClaim", By::own},
    Allowed{"rightplace.triage.HandOverReview", By::clinician},
    Allowed{"rightplace.triage.WithdrawHandover", By::clinician},
    Allowed{"rightplace.triage.AcknowledgeHandover", By::clinician},
    Allowed{"rightplace.triage.RecordContactAttempt", By::clinician},
    Allowed{"rightplace.triage.AddNote", By::clinician},
    Allowed{"rightplace.triage.EscalateReview", By::both},
    Allowed{"rightplace.triage.DowngradeReview", By::clinician},
    Allowed{"rightplace.triage.AskSecondOpinion", By::clinician},
    Allowed{"rightplace.triage.GiveSecondOpinion", By::clinician},
    Allowed{"rightplace.triage.UseSpo2Scale2", By::clinician},
    Allowed{"rightplace.triage.PlanWelfareCall", By::clinician},
    Allowed{"rightplace.triage.MissWelfareCall", By::own},
    Allowed{"rightplace.triage.StartConsultation", By::clinician},
    Allowed{"rightplace.triage.DecideReview", By::clinician},
    Allowed{"rightplace.triage.RejectReview", By::clinician},
    Allowed{"rightplace.triage.UndoOutcome", By::clinician},
    Allowed{"rightplace.triage.ReopenReview", By::clinician},
    Allowed{"rightplace.triage.CloseReview", By::clinician},
    Allowed{"rightplace.triage.BreachReview", By::own},
    Allowed{"rightplace.triage.CancelReview", By::own},
    Allowed{"rightplace.triage.NoteSenderUpdate", By::own},
    Allowed{"rightplace.triage.NoteReturn", By::own},
    Allowed{"rightplace.triage.TransferReview", By::clinician},
    Allowed{"rightplace.triage.WithdrawTransfer", By::clinician},
    Allowed{"rightplace.triage.LetGo", By::own},
    Allowed{"rightplace.triage.EndOffer", By::own},
    Allowed{"rightplace.triage.MissAnswer", By::own},
    Allowed{"rightplace.triage.OfferAgain", By::own},
    Allowed{"rightplace.triage.ConfirmTransfer", By::own},
    Allowed{"rightplace.triage.MissConfirmation", By::own},
    Allowed{"rightplace.triage.RecordElsewhere", By::own},
    Allowed{"rightplace.triage.ReceiveOffer", By::own},
    Allowed{"rightplace.triage.AcceptTransfer", By::clinician},
    Allowed{"rightplace.triage.DeclineTransfer", By::clinician},
    Allowed{"rightplace.triage.CloseTransfer", By::own},
    Allowed{"rightplace.triage.TakeReview", By::own},
    Allowed{"rightplace.triage.MissLettingGo", By::own},
    Allowed{"rightplace.triage.KeepHours", By::own},
    Allowed{"rightplace.triage.LookAfter", By::own},
    Allowed{"rightplace.triage.EndShifts", By::own},
    Allowed{"rightplace.triage.AdoptPolicy", By::governance},
    Allowed{"rightplace.triage.RaiseAlert", By::own},
    Allowed{"rightplace.triage.EscalateAlert", By::own},
    Allowed{"rightplace.triage.SettleAlert", By::own},
    Allowed{"rightplace.triage.TakeAlert", By::clinician},
    Allowed{"rightplace.triage.SignOn", By::clinician},
    Allowed{"rightplace.triage.SignOff", By::clinician},
};
constexpr std::array clinician_roles{"cli", "clinician", "bench", "board"};

std::string reviewed_case(const Message& command) {
    const auto* field = command.GetDescriptor()->FindFieldByName("case_id");
    INVARIANT(field != nullptr);  // every command about a review names its case
    return command.GetReflection()->GetString(command, field);
}

template <typename T>
const T* held(const Context& context, const AggregateId& id) {
    const auto* found = context.view->find(id);
    return found == nullptr ? nullptr : static_cast<const T*>(found->state.get());
}

// With what is not kept in it.
ReviewState answered(ReviewState review, const Context& context) {
    for (auto& role : roles_needed(review.facts(), context)) review.add_roles_needed(std::move(role));
    review.set_stream(clinical::stream_code(context.policy, review.facts()));
    return review;
}

runtime::Answered get_policy(const Context& context) {
    auto reply = std::make_shared<PolicyReply>();
    const auto* policy = held<PolicyState>(context, {policy_type, context.hub});
    if (policy != nullptr) *reply->mutable_state() = *policy;
    return std::shared_ptr<const Message>(reply);
}

runtime::Answered get_queue(const Context& context) {
    auto reply = std::make_shared<QueueReply>();
    context.view->each(review_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& review = static_cast<const ReviewState&>(*aggregate.state);
        // One that no hub has on its screens is worse than one that two have.
        const bool on_its_way = review.status() == TRANSFERRED && !review.transfer_confirmed();
        if (!ended(review) || on_its_way) *reply->add_reviews() = answered(review, context);
    });
    context.view->each(transfer_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& transfer = static_cast<const TransferState&>(*aggregate.state);
        const bool waits = transfer.status() == OFFERED || transfer.status() == ACCEPTED_HERE;
        if (waits) *reply->add_transfers() = transfer;
    });
    context.view->each(alert_type, [&](const AggregateId&, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& alert = static_cast<const AlertState&>(*aggregate.state);
        if (!is_over(alert)) *reply->add_alerts() = alert;
    });
    if (const auto* roster = held<RosterState>(context, {roster_type, context.hub})) {
        *reply->mutable_on_shift() = roster->on_shift();
    }
    if (const auto* hours = held<HoursState>(context, {hours_type, context.hub})) *reply->mutable_hours() = *hours;
    const auto place = [&](const ReviewState& review) { return urgency(review, context); };
    auto* reviews = reply->mutable_reviews();
    std::sort(reviews->begin(), reviews->end(),
              [&](const ReviewState& a, const ReviewState& b) { return place(a) < place(b); });
    auto* transfers = reply->mutable_transfers();
    std::sort(transfers->begin(), transfers->end(),
              [&](const TransferState& a, const TransferState& b) { return place(a.review()) < place(b.review()); });
    auto* alerts = reply->mutable_alerts();
    std::sort(alerts->begin(), alerts->end(), alert_before);
    return std::shared_ptr<const Message>(reply);
}

template <typename T>
std::shared_ptr<const Message> at_due(const std::string& case_id, TimeMs due) {
    auto command = std::make_shared<T>();
    command->set_case_id(case_id);
    *command->mutable_due() = to_timestamp(due);
    return command;
}

runtime::Answered get_review(const GetReview& asked, const Context& context) {
    const auto* held = context.view->find(review_key(asked.case_id()));
    if (!held || !held->state) return Failure{no_review().error.refusal};
    auto reply = std::make_shared<ReviewReply>();
    *reply->mutable_state() = answered(static_cast<const ReviewState&>(*held->state), context);
    return std::shared_ptr<const Message>(reply);
}

const Allowed* row_of(std::string_view command) {
    const auto row = std::find_if(table.begin(), table.end(), [&](const Allowed& a) { return a.command == command; });
    return row == table.end() ? nullptr : &*row;
}

bool by_a_clinician(const Message& command) {
    const auto* row = row_of(command.GetDescriptor()->full_name());
    return row != nullptr && (row->by == By::clinician || row->by == By::both);
}

}  // namespace

TriageDomain::TriageDomain(std::map<std::string, std::string> shipped_policy_text)
    : shipped_policy_text_(std::move(shipped_policy_text)) {}

std::vector<std::string_view> TriageDomain::aggregate_types() const {
    return {review_type, policy_type, alert_type, roster_type, transfer_type, hours_type};
}

std::shared_ptr<Message> TriageDomain::empty_state(std::string_view aggregate_type) const {
    if (aggregate_type == review_type) return std::make_shared<ReviewState>();
    if (aggregate_type == policy_type) return std::make_shared<PolicyState>();
    if (aggregate_type == alert_type) return std::make_shared<AlertState>();
    if (aggregate_type == transfer_type) return std::make_shared<TransferState>();
    if (aggregate_type == hours_type) return std::make_shared<HoursState>();
    INVARIANT(aggregate_type == roster_type);
    return std::make_shared<RosterState>();
}

std::vector<std::string_view> TriageDomain::commands() const {
    std::vector<std::string_view> names;
    for (const Allowed& row : table) names.push_back(row.command);
    return names;
}

bool TriageDomain::may(std::string_view key_role, std::string_view command) const {
    const auto* row = row_of(command);
    if (row == nullptr) return false;
    if (key_role == service()) return row->by != By::clinician;
    if (key_role == "governance") return row->by == By::governance;
    const bool adapter = key_role == "bars" || key_role == "alerts";
    if (adapter) return command == "rightplace.triage.RaiseAlert";  // what does not get out
    const bool clinician = std::find(clinician_roles.begin(), clinician_roles.end(), key_role) != clinician_roles.end();
    return clinician && row->by != By::own;
}

std::vector<AggregateId> TriageDomain::needs(const Message& command, const Context& context) const {
    if (const auto* raise = as<RaiseAlert>(command)) return {alert_key(raise->alert_id())};
    if (const auto* take = as<TakeAlert>(command)) return {alert_key(take->alert_id())};
    if (const auto* due = as<EscalateAlert>(command)) return {alert_key(due->alert_id())};
    if (const auto* settle = as<SettleAlert>(command)) return {alert_key(settle->alert_id())};
    if (as<AdoptPolicy>(command)) return {{policy_type, context.hub}};
    if (as<SignOn>(command) || as<SignOff>(command) || as<EndShifts>(command)) return {{roster_type, context.hub}};
    if (as<KeepHours>(command)) return {{hours_type, context.hub}};
    if (const auto* look = as<LookAfter>(command)) {
        const bool offered = !look->offer_id().empty();
        return {offered ? transfer_key(look->offer_id()) : review_key(look->case_id()), {roster_type, context.hub}};
    }
    if (auto needed = transfer_needs(command, context); !needed.empty()) return needed;
    std::vector<AggregateId> needed{review_key(reviewed_case(command))};
    if (as<HandOverReview>(command)) needed.push_back({roster_type, context.hub});  // is the colleague on shift?
    return needed;
}

Decided TriageDomain::decide(const States& states, const Message& command, const Command& envelope,
                             const Context& context) const {
    const Asked asked{states, envelope, context};
    auto decided = decide_asked(asked, command);
    const auto* of_case = command.GetDescriptor()->FindFieldByName("case_id");
    if (!decided.ok() || of_case == nullptr || !by_a_clinician(command)) return decided;
    const auto* review = states.get<ReviewState>(review_key(reviewed_case(command)));
    if (review) keep_claim_of_who_works(decided.value(), asked, *review);
    return decided;
}

std::shared_ptr<const Message> TriageDomain::evolve(std::string_view aggregate_type, const Message* before,
                                                    const Event& event, const Message& payload) const {
    if (aggregate_type == review_type) return evolve_review(before, event, payload);
    if (aggregate_type == alert_type) return evolve_alert(before, event, payload);
    if (aggregate_type == roster_type) return evolve_roster(before, event, payload);
    if (aggregate_type == transfer_type) return evolve_transfer(before, event, payload);
    if (aggregate_type == hours_type) return evolve_hours(payload);
    INVARIANT(aggregate_type == policy_type);
    const auto& adopted = must_be<PolicyAdopted>(payload);
    auto state = std::make_shared<PolicyState>();
    state->set_text(adopted.text());
    state->set_version(adopted.version());
    return state;
}

std::vector<runtime::IndexEntry> TriageDomain::index(const AggregateId& id, const Message& state) const {
    std::vector<runtime::IndexEntry> entries;
    const auto arm = [&](const char* timer, const google::protobuf::Timestamp& due) {
        entries.push_back({runtime::due_queue(service()), runtime::timer_member(id, timer), double(to_ms(due))});
    };
    if (id.type == review_type) {
        const auto& review = static_cast<const ReviewState&>(state);
        const bool unconfirmed = review.status() == TRANSFERRED && !review.transfer_confirmed();
        if (unconfirmed && !review.confirmation_missed()) arm(confirmation_timer, review.confirm_by());
        if (ended(review)) return entries;
        entries.push_back({work_queue, id.id, double(to_ms(review.breach_at()))});
        if (!review.breached()) arm(breach_timer, review.breach_at());
        if (review.has_welfare_call_due() && !review.welfare_call_missed()) {
            arm(welfare_timer, review.welfare_call_due());
        }
        if (review.offer().has_answer_by()) arm(answer_timer, review.offer().answer_by());
        if (review.has_offer_again_at()) arm(offer_again_timer, review.offer_again_at());
    } else if (id.type == transfer_type) {
        const auto& transfer = static_cast<const TransferState&>(state);
        const bool waits = transfer.status() == ACCEPTED_HERE && !transfer.confirmation_missed();
        if (waits) arm(confirmation_timer, transfer.confirm_by());
    } else if (id.type == hours_type) {
        const auto& hours = static_cast<const HoursState&>(state);
        if (hours.has_next_change()) arm(hours_timer, hours.next_change());
    } else if (id.type == roster_type) {
        const auto end = first_shift_end(static_cast<const RosterState&>(state));
        if (end) arm(shift_timer, to_timestamp(*end));
    } else if (id.type == alert_type) {
        const auto& alert = static_cast<const AlertState&>(state);
        if (!is_over(alert)) {
            entries.push_back({alert_queue, id.id, static_cast<double>(to_ms(alert.raised_at()))});
            arm(alert_timer, alert.escalates_at());
        }
    }
    return entries;
}

std::vector<runtime::Reaction> TriageDomain::react(const Event& event, const Message& payload,
                                                   const Context& context) const {
    auto all = reactions(event, payload, context);
    for (auto& each : look_after(event, payload, context)) all.push_back(std::move(each));
    return all;
}

std::vector<runtime::Reaction> TriageDomain::react_to_other_hub(const Event& event, const Message& payload,
                                                                const Context& context) const {
    return reactions_to_other_hub(event, payload, context);
}

std::shared_ptr<const Message> TriageDomain::on_timer(const AggregateId& id, std::string_view kind, TimeMs due) const {
    if (id.type == transfer_type && kind == confirmation_timer) {
        auto command = std::make_shared<MissLettingGo>();
        command->set_offer_id(id.id);
        *command->mutable_due() = to_timestamp(due);
        return command;
    }
    if (id.type == alert_type && kind == alert_timer) return escalation_due(id.id, due);
    if (id.type == hours_type && kind == hours_timer) return std::make_shared<KeepHours>();
    if (id.type == roster_type && kind == shift_timer) return std::make_shared<EndShifts>();
    if (id.type != review_type) return nullptr;
    if (kind == breach_timer) return at_due<BreachReview>(id.id, due);
    if (kind == confirmation_timer) return at_due<MissConfirmation>(id.id, due);
    if (kind == welfare_timer) return at_due<MissWelfareCall>(id.id, due);
    if (kind == answer_timer) return at_due<MissAnswer>(id.id, due);
    if (kind == offer_again_timer) return at_due<OfferAgain>(id.id, due);
    return nullptr;
}

std::optional<std::string> TriageDomain::live_claim(std::string_view aggregate_type, const Message& state) const {
    if (aggregate_type != review_type) return std::nullopt;
    const auto& review = static_cast<const ReviewState&>(state);
    if (!review.has_claim()) return std::nullopt;
    return review.claim().token();
}

std::shared_ptr<const Message> TriageDomain::on_lease_lapsed(const AggregateId& id, std::string_view token) const {
    if (id.type != review_type) return nullptr;
    auto lapse = std::make_shared<LapseClaim>();
    lapse->set_case_id(id.id);
    lapse->set_token(std::string(token));
    return lapse;
}

bool TriageDomain::closed(std::string_view aggregate_type, const Message& state) const {
    if (aggregate_type == review_type) {
        const auto& review = static_cast<const ReviewState&>(state);
        // What a case comes to at another hub is still to be recorded, but not by a hub that has given it back.
        const auto& through = review.came_through();
        const bool given_back = !through.empty() && through[through.size() - 1] == review.transferred_to();
        return ended(review) && (review.status() != TRANSFERRED || (given_back && review.transfer_confirmed()));
    }
    if (aggregate_type == transfer_type) {
        const auto status = static_cast<const TransferState&>(state).status();
        return status != OFFERED && status != ACCEPTED_HERE;
    }
    return aggregate_type == alert_type && is_over(static_cast<const AlertState&>(state));
}

std::vector<runtime::Reaction> TriageDomain::on_ready(const Context& context) const {
    const auto shipped = shipped_policy_text_.find(context.hub);
    if (context.policy != nullptr || shipped == shipped_policy_text_.end()) return {};
    AdoptPolicy adopt;
    adopt.set_text(shipped->second);
    return {runtime::reaction("adopt-shipped-policy", context.hub, adopt)};
}

runtime::Answered TriageDomain::query(const runtime::Query& query, const Context& context) const {
    if (as<GetQueue>(*query.payload)) return get_queue(context);
    if (const auto* asked = as<GetReview>(*query.payload)) return get_review(*asked, context);
    if (as<GetPolicy>(*query.payload)) return get_policy(context);
    if (const auto* asked = as<GetPathways>(*query.payload)) return get_pathways(*asked, context);
    if (const auto* asked = as<GetNext>(*query.payload)) {
        return std::shared_ptr<const Message>(std::make_shared<NextReply>(next_for(asked->staff_id(), context)));
    }
    return Failure{runtime::refuse(UNKNOWN_COMMAND, "triage does not answer this query.").error.refusal};
}

}  // namespace rightplace::triage
