#include "services/cli/domain/case_view.hpp"

#include <algorithm>

#include "messages/transfer.pb.h"

namespace rightplace::cli {
namespace {

std::string line(const std::string& label, const std::string& value) {
    return "  " + label + std::string(label.size() < 16 ? 16 - label.size() : 1, ' ') + printable(value) + "\n";
}

std::string instant(bool known, const google::protobuf::Timestamp& at) {
    return known ? format_london(to_ms(at)) : "not given";
}

// `now_category` is the review's, after an escalation or a decision.
std::string facts_lines(const intake::CaseFacts& facts, intake::Category now_category) {
    const bool changed = now_category != intake::CATEGORY_UNSPECIFIED && now_category != facts.category();
    std::string out =
        line("category", changed ? category_word(now_category) + ", received as " + category_word(facts.category())
                                 : category_word(facts.category()));
    out += line("origin",
                origin_word(facts.origin()) + (facts.callsign().empty() ? "" : ", callsign " + facts.callsign()));
    out += line("age", facts.age_known() ? std::to_string(facts.age_years()) + " years" : "not given");
    out += line("clock start", instant(facts.has_clock_start(), facts.clock_start()));
    if (!facts.original_plan().empty()) out += line("original plan", facts.original_plan());
    if (!facts.cad_number().empty()) out += line("CAD number", facts.cad_number());
    if (!facts.journey_id().empty()) out += line("Journey ID", facts.journey_id());
    out += line("flags", flags_in_order(facts));
    for (const auto& warning : facts.warnings()) out += line("warning", warning);
    return out;
}

std::string review_lines(const triage::ReviewState& review, TimeMs now) {
    std::string out;
    if (review.has_breach_at()) {
        const TimeMs breach = to_ms(review.breach_at());
        out += line("breach", format_london(breach) + (is_over(review) ? "" : ", " + time_left(breach, now)));
    }
    std::string status = status_word(review);
    if (review.has_claim()) status += ", held by " + actor_word(review.claim().holder());
    if (review.pathway() != triage::PATHWAY_UNSPECIFIED) status += ": " + pathway_word(review.pathway());
    if (review.status() == triage::TRANSFERRED) {
        status += " to " + review.transferred_to() + (review.transfer_confirmed() ? "" : ", which has NOT SAID SO YET");
    }
    if (review.reopened() > 0) status += "; reopened";
    if (review.breached()) status += "; the breach time passed";
    out += line("review", status);
    if (!review.unattended().empty()) {
        out += line("unattended",
                    unattended_word(review.unattended()) + (review.returned() ? ": given back to its sender" : ""));
    }
    if (review.roles_needed_size() > 0) out += line("needs", one_of_word(review.roles_needed()));
    if (review.has_claim() && review.claim().has_taken_from()) {
        out +=
            line("taken over", "from " + actor_word(review.claim().taken_from()) + ": " + review.claim().reason_code());
    }
    if (review.has_handover()) {
        out += line("handed over", "to " + review.handover().to_staff_id() + ", not taken yet, by " +
                                       actor_word(review.handover().from()));
    }
    if (review.has_offer()) {
        out += line("offered", "to " + review.offer().to_hub() + ", not taken yet, by " +
                                   actor_word(review.offer().from()) + ": " + review.offer().reason_code());
    }
    for (const auto& opinion : review.opinions()) out += line("opinion", opinion_word(opinion, is_over(review)));
    if (const auto call = welfare_word(review, now); !call.empty()) out += line("welfare call", call);
    out += line("NEWS2", news2_word(review.news2()));
    return out;
}

std::string delivery_lines(const referral::DeliveriesReply& reply) {
    std::string out;
    for (const auto& it : reply.deliveries()) {
        std::string text = delivery_word(it.kind()) + ": " + delivery_status_word(it.status());
        if (it.attempts() > 0)
            text += ", " + std::to_string(it.attempts()) + (it.attempts() == 1 ? " attempt" : " attempts");
        if (it.last_http_status() != 0) text += ", last HTTP " + std::to_string(it.last_http_status());
        out += line("delivery", text);
    }
    for (const auto& it : reply.referrals()) {
        out += line("referral", pathway_word(it.pathway()) + ": " +
                                    (it.ended()      ? "ended"
                                     : it.accepted() ? "accepted"
                                                     : "asked for"));
    }
    return out;
}

template <typename T>
std::optional<T> payload_of(const Event& event) {
    T payload;
    if (!event.payload().Is<T>() || !event.payload().UnpackTo(&payload)) return std::nullopt;
    return payload;
}

std::string events_lines(const std::vector<Event>& events) {
    std::string out;
    for (const auto& event : events) {
        if (!only_marks_message_id(event)) out += "  " + timeline_line(event) + "\n";
    }
    return out;
}

std::string header(const CasePicture& picture) {
    if (picture.state) return picture.state->case_number() + "  (" + picture.state->case_id() + ")";
    for (const auto& event : picture.events) {
        if (!event.case_number().empty()) return event.case_number() + "  (" + event.case_id() + ")";
    }
    return picture.review ? picture.review->case_number() : "case";
}

}  // namespace

std::string timeline_line(const Event& event) {
    const TimeMs recorded = to_ms(event.recorded_at());
    const TimeMs occurred = event.has_occurred_at() ? to_ms(event.occurred_at()) : recorded;
    std::string out = format_london(occurred) + "  " + printable(describe_with_actor(event));
    if (recorded - occurred > 60'000) out += " [written up " + format_london(recorded) + "]";
    return out;
}

std::string render_case(const CasePicture& picture, TimeMs now, const Style& style) {
    std::string out =
        style.bold(header(picture)) + "  " + picture.hub + "\n" + freshness_lines(picture.freshness, style);
    for (const auto& sentence : picture.missing) out += style.yellow("! " + sentence) + "\n";
    out += "\n";
    const auto* review = picture.review ? &*picture.review : nullptr;
    for (const auto& there : picture.elsewhere) {  // the hub that has it knows the present category
        const bool has_it = there.review && there.review->status() != triage::TRANSFERRED;
        if (has_it && review != nullptr && review->status() == triage::TRANSFERRED) review = &*there.review;
    }
    const auto category = review != nullptr ? review->category() : intake::CATEGORY_UNSPECIFIED;
    if (picture.state) {
        out += facts_lines(picture.state->facts(), category);
    } else if (picture.review) {
        out += facts_lines(picture.review->facts(), category);
    }
    out += requester_lines(picture.events);
    if (picture.review) out += review_lines(*picture.review, now);
    if (picture.deliveries) out += delivery_lines(*picture.deliveries);
    if (picture.state) {
        for (const auto& link : picture.state->links()) {
            out += line("linked to", link.earlier_case_number() + " by " + link.matched_on());
        }
        if (picture.state->cancellation_asked()) out += line("cancellation", "asked for by the sender");
        if (picture.state->closed()) out += line("closed", picture.state->close_reason());
    }
    if (picture.events.empty()) return out;
    out += "\n" + style.bold("What happened (London time)") + "\n";
    out += events_lines(picture.events);
    for (const auto& there : picture.elsewhere) {
        out += "\n" + style.bold("At " + there.hub) + "\n";
        if (there.review) out += review_lines(*there.review, now);
        out += events_lines(there.events);
    }
    return out;
}

std::vector<SealedText> sealed_texts(const std::vector<Event>& events) {
    std::vector<SealedText> found;
    const auto add = [&](const Event& event, const char* what, const Sealed& sealed) {
        if (!sealed.ciphertext().empty()) found.push_back({event.seq(), what, sealed});
    };
    for (const auto& event : events) {
        if (const auto note = payload_of<triage::NoteAdded>(event)) add(event, "note", note->text());
        if (const auto taken = payload_of<triage::ReviewTakenOver>(event)) add(event, "take-over", taken->text());
        if (const auto handed = payload_of<triage::HandoverOffered>(event)) add(event, "hand-over", handed->text());
        if (const auto over = payload_of<triage::TransferOffered>(event)) add(event, "transfer", over->text());
        if (const auto lower = payload_of<triage::ReviewDowngraded>(event)) add(event, "downgrade", lower->text());
        if (const auto asked = payload_of<triage::SecondOpinionAsked>(event)) add(event, "question", asked->text());
        if (const auto given = payload_of<triage::SecondOpinionGiven>(event)) add(event, "opinion", given->text());
        if (const auto decided = payload_of<triage::ReviewDecided>(event))
            add(event, "rationale", decided->rationale());
        if (const auto again = payload_of<triage::ReviewReopened>(event)) add(event, "reopening", again->text());
        if (const auto rejected = payload_of<triage::ReviewRejected>(event)) add(event, "reason", rejected->text());
    }
    return found;
}

std::optional<Sealed> sealed_person(const std::vector<Event>& events) {
    std::optional<Sealed> newest;
    for (const auto& event : events) {
        const auto opened = payload_of<intake::CaseOpened>(event);
        const auto updated = payload_of<intake::CaseUpdated>(event);
        if (opened && opened->has_person()) newest = opened->person();
        if (updated && updated->has_person()) newest = updated->person();
    }
    return newest;
}

std::optional<Sealed> sealed_original(const std::vector<Event>& events) {
    for (const auto& event : events) {
        const auto answered = payload_of<intake::ExchangeAnswered>(event);
        if (answered && answered->exchange().has_original()) return answered->exchange().original();
    }
    return std::nullopt;
}

}  // namespace rightplace::cli
