#include "services/cli/domain/case_view.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "common/clinical/referral_words.hpp"
#include "messages/transfer.pb.h"
#include "services/cli/domain/news2_view.hpp"

namespace rightplace::cli {
namespace {

std::string line(const std::string& label, const std::string& value) {
    return "  " + label + std::string(label.size() < 16 ? 16 - label.size() : 1, ' ') + printable(value) + "\n";
}

std::string instant(bool known, const google::protobuf::Timestamp& at) {
    return known ? format_london(to_ms(at)) : "not given";
}

// AMPDS, or Pathways SG, SD and DX: the last part of the system's name says which.
std::string codes_word(const intake::CaseFacts& facts) {
    std::string out;
    for (const auto& code : facts.outcome_codes()) {
        const auto slash = code.system().rfind('/');
        if (code.code().empty()) continue;
        out += (out.empty() ? "" : "; ") + code.system().substr(slash == std::string::npos ? 0 : slash + 1) + " " +
               code.code() + (code.display().empty() ? "" : " " + code.display());
    }
    return out;
}

// `now_category` is the review's, after an escalation or a decision.
std::string facts_lines(const intake::CaseFacts& facts, intake::Category now_category) {
    const bool changed = now_category != intake::CATEGORY_UNSPECIFIED && now_category != facts.category();
    std::string out =
        line("category", changed ? category_word(now_category) + ", received as " + category_word(facts.category())
                                 : category_word(facts.category()));
    out += line("origin", kind_word(facts) + (facts.callsign().empty() ? "" : ", callsign " + facts.callsign()));
    if (!facts.requester_staff_id().empty()) {
        const auto& of = facts.sender_organisation_ods();
        out += line("asked by", facts.requester_staff_id() + (of.empty() ? "" : ", " + of));
    }
    out += line("site", facts.site().empty() ? "not told: the hub's own hours hold" : facts.site());
    out += line("age", facts.age_known() ? std::to_string(facts.age_years()) + " years" : "not given");
    out += line("clock start", instant(facts.has_clock_start(), facts.clock_start()));
    if (!facts.original_plan().empty()) out += line("original plan", facts.original_plan());
    if (!facts.cad_number().empty()) out += line("CAD number", facts.cad_number());
    if (!facts.journey_id().empty()) out += line("Journey ID", facts.journey_id());
    out += line("flags", flags_in_order(facts));
    for (const auto& flag : facts.flags()) {  // BaRS application 4: each one's category and code are shown
        out += line("flag", flag.category() + " " + flag.code() + (flag.display().empty() ? "" : " " + flag.display()));
    }
    if (const auto codes = codes_word(facts); !codes.empty()) out += line("triage codes", codes);
    if (!facts.use_case().empty()) {
        out += line("use case", facts.use_case() + (facts.referral() ? ", a referral: the patient is ours" : ""));
    }
    if (!facts.consent().empty()) out += line("consent", facts.consent() == "DRC" ? "direct care" : facts.consent());
    if (facts.patient_unknown()) {
        out += line("patient", "UNKNOWN: neither name nor NHS number");
    } else if (!facts.nhs_number_status().empty()) {
        out += line("NHS number", facts.nhs_number_status());
    }
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
    const bool given_back = review.returned() && review.status() != triage::RETURNED;
    if (given_back) status += "; given back to its sender";
    status += sender_word(review);
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
    const auto& by = review.has_spo2_scale_2_by() ? review.spo2_scale_2_by() : review.facts().spo2_scale_2_by();
    std::string label = "NEWS2";
    for (const auto& each : news2_lines(review.news2(), by)) {
        out += line(label, each);
        label.clear();
    }
    return out;
}

std::string delivery_lines(const referral::DeliveriesReply& reply, TimeMs now) {
    std::string out;
    for (const auto& it : reply.deliveries()) {
        std::string text = delivery_word(it.kind()) + ": " + delivery_status_word(it.status());
        if (it.attempts() > 0)
            text += ", " + std::to_string(it.attempts()) + (it.attempts() == 1 ? " attempt" : " attempts");
        if (it.last_http_status() != 0) text += ", last HTTP " + std::to_string(it.last_http_status());
        out += line("delivery", text);
    }
    for (const auto& it : reply.referrals()) {
        out += line("referral", pathway_word(it.pathway()) + ": " + clinical::referral_standing(it, now));
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
    if (recorded - occurred > limits::written_up_after_ms) out += " [written up " + format_london(recorded) + "]";
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
    if (picture.deliveries) out += delivery_lines(*picture.deliveries, now);
    if (picture.state) {
        for (const auto& link : picture.state->links()) {
            out += line("linked to", link.earlier_case_number() + " by " + link.matched_on());
        }
        if (picture.state->cancellation_asked()) {
            out += line("cancellation", "asked for by the sender: " + picture.state->cancellation_reason());
        }
        if (picture.state->updates() > 0) {
            out += line("updates", std::to_string(picture.state->updates()) + " by its sender, the last at " +
                                       format_london(to_ms(picture.state->updated_at())));
        }
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
        if (const auto asked = payload_of<intake::CancellationAsked>(event)) add(event, "cancellation", asked->text());
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

std::optional<Sealed> sealed_original(const std::vector<Event>& events, std::uint32_t message) {
    for (const auto& event : events) {
        const auto answered = payload_of<intake::ExchangeAnswered>(event);
        if (!answered || !answered->exchange().has_original()) continue;
        if (--message == 0) return answered->exchange().original();
    }
    return std::nullopt;
}

}  // namespace rightplace::cli
