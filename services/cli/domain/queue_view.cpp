#include "services/cli/domain/queue_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"
#include "services/cli/domain/alert_view.hpp"
#include "services/cli/domain/table.hpp"

namespace rightplace::cli {
namespace {

constexpr std::int64_t soon_ms = 10 * 60'000;  // shown in yellow: less than ten minutes to breach

std::string holder_word(const triage::ReviewState& review) {
    if (!review.has_claim()) return "-";
    const auto& holder = review.claim().holder();
    return holder.id() + (holder.role().empty() ? "" : ", " + holder.role());
}

// What is owed besides the decision: an opinion somebody waits for, a call to the patient.
std::string open_promises(const triage::ReviewState& review, TimeMs now) {
    std::string out;
    if (review.reopened() > 0) out += ", REOPENED";
    out += sender_word(review);
    if (review.returned() && review.status() != triage::RETURNED) out += ", GIVEN BACK to its sender";
    if (!review.unattended().empty()) out += ", " + unattended_word(review.unattended());
    if (review.has_handover()) out += ", handed over to " + review.handover().to_staff_id() + ", not taken yet";
    if (review.has_offer()) out += ", offered to " + review.offer().to_hub() + ", not taken yet";
    if (review.status() == triage::TRANSFERRED) out += " to " + review.transferred_to() + ", NOT CONFIRMED";
    for (const auto& opinion : review.opinions()) {
        if (!opinion.has_given_by()) out += ", asks " + opinion.of_role();
    }
    const auto call = welfare_word(review, now);
    return call.empty() ? out : out + ", call " + call;
}

intake::Category current_category(const triage::ReviewState& review) {
    const bool escalated = review.category() != intake::CATEGORY_UNSPECIFIED;
    return escalated ? review.category() : review.facts().category();
}

std::string on_shift_line(const triage::QueueReply& queue) {
    std::string out;
    for (const auto& on : queue.on_shift()) {
        out += (out.empty() ? "on shift: " : "; ") + actor_word(on.staff()) +
               (on.skill().empty() ? "" : ", " + on.skill());
    }
    return out.empty() ? out : printable(out) + "\n";
}

std::string hours_line(const triage::QueueReply& queue, const Style& style) {
    const auto hours = printable(hours_word(queue.hours().sites(), to_ms(queue.hours().next_change())));
    if (hours.empty()) return hours;
    const bool closed = hours.find("CLOSED") != std::string::npos;
    return (closed ? style.yellow(hours) : hours) + "\n";
}

// A closed vocabulary of triage's, as words.
std::string reason_word(std::string code) {
    std::replace(code.begin(), code.end(), '-', ' ');
    return code;
}

// A column that would be empty is left out.
struct Columns {
    bool site = false;
    bool needs = false;

    explicit Columns(const triage::QueueReply& queue) {
        for (const auto& review : queue.reviews()) {
            site = site || !review.facts().site().empty();
            needs = needs || review.roles_needed_size() > 0;
        }
    }
    void add(Row& row, const std::string& of_site, const std::string& of_needs) const {
        if (site) row.push_back(of_site);
        if (needs) row.push_back(of_needs);
    }
};

std::string needs_word(const triage::ReviewState& review) {
    return review.roles_needed_size() == 0 ? "anybody" : one_of_word(review.roles_needed());
}

Row queue_row(const triage::ReviewState& review, TimeMs now) {
    const auto& facts = review.facts();
    const TimeMs breach = review.has_breach_at() ? to_ms(review.breach_at()) : 0;
    return {review.case_number(),
            category_word(current_category(review)),
            breach == 0 ? "-" : format_london(breach),
            breach == 0 ? "-" : time_left(breach, now),
            flags_in_order(facts),
            facts.age_known() ? std::to_string(facts.age_years()) + " y" : "-",
            news2_word(review.news2()),
            status_word(review) + open_promises(review, now),
            holder_word(review),
            kind_word(facts)};
}

std::string alert_lines(const std::string& hub, const triage::QueueReply& queue, TimeMs now, const Style& style) {
    std::string out;
    if (queue.alerts_size() == 0) return out;
    out += style.red("!! " + std::to_string(queue.alerts_size()) + " ALERT" + (queue.alerts_size() == 1 ? "" : "S") +
                     " NOT TAKEN BY ANYONE") +
           "\n";
    for (const auto& alert : queue.alerts()) {
        std::string line = "!! " + alert.kind();
        if (!alert.case_number().empty()) line += " " + alert.case_number();
        if (!alert.subject().empty()) line += " " + alert.subject();
        if (alert.has_raised_at()) line += ": " + alert_standing(alert, now);
        out += style.red(printable(line)) + "\n";
        const auto reading = alert_reading(hub, alert);
        if (!reading.empty()) out += "   read it: " + printable(reading) + "\n";
    }
    return out + "!! `rightplace alerts --hub " + hub + "` says how to take each.\n\n";
}

// What other hubs offer: still theirs, and their clock runs.
std::string transfer_lines(const triage::QueueReply& queue, TimeMs now, const Style& style) {
    std::string out;
    for (const auto& transfer : queue.transfers()) {
        const auto& review = transfer.review();
        const TimeMs breach = to_ms(review.breach_at());
        const bool accepted = transfer.status() == triage::ACCEPTED_HERE;
        const std::string line = transfer.from_hub() + " offers " + review.case_number() + "  " +
                                 category_word(current_category(review)) + "  breach " + format_london(breach) + ", " +
                                 time_left(breach, now) + ": " + transfer.reason_code() +
                                 (accepted ? "; accepted, waiting for " + transfer.from_hub() + " to let go"
                                           : "; rightplace accept-transfer " + review.case_number());
        out += style.yellow(printable(line)) + "\n";
    }
    return out.empty() ? out : out + "\n";
}

// Before what waits here: the other hub's clock runs, and it may have nobody.
std::string offers_line(const triage::NextReply& next, TimeMs now, const Style& style) {
    if (next.offers() == 0) return "";
    const auto& offer = next.most_urgent_offer();
    const auto& review = offer.review();
    const TimeMs breach = to_ms(review.breach_at());
    const std::string line = std::to_string(next.offers()) + (next.offers() == 1 ? " case is" : " cases are") +
                             " offered to this hub and not answered; the most urgent: " + review.case_number() + "  " +
                             category_word(current_category(review)) + "  breach " + format_london(breach) + ", " +
                             time_left(breach, now) + ", from " + offer.from_hub() +
                             "\n  answer it: rightplace accept-transfer " + review.case_number();
    return style.yellow(line) + "\n";
}

}  // namespace

bool is_stale(const Freshness& freshness) {
    return freshness.age_ms > std::uint64_t(limits::heartbeat_max_age_ms);
}

std::string freshness_lines(const Freshness& freshness, const Style& style) {
    const std::string age = duration_word(std::int64_t(freshness.age_ms));
    std::string out = style.dim("as of seq " + std::to_string(freshness.as_of_seq) + ", " + age + " ago") + "\n";
    if (is_stale(freshness)) {
        out += style.red("!! THIS VIEW IS " + age + " OLD: nothing newer is being recorded or shown.") + "\n" +
               style.red("!! Work from paper or telephone until it is back; `rightplace status` says what is down.") +
               "\n";
    }
    return out;
}

std::string time_left(TimeMs breach_at, TimeMs now) {
    return duration_word(breach_at - now) + (breach_at >= now ? " left" : " OVER");
}

std::string flags_in_order(const intake::CaseFacts& facts) {
    std::vector<intake::Flag> flags(facts.flags().begin(), facts.flags().end());
    const auto rank = [](const intake::Flag& flag) {
        return flag.category() == "SS" ? 0 : flag.category() == "SG" ? 1 : 2;
    };
    std::stable_sort(flags.begin(), flags.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    std::vector<std::string> words;
    for (const auto& flag : flags) {
        auto word = flag_word(flag);
        if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
            words.push_back(std::move(word));
    }
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
    return out.empty() ? "-" : out;
}

std::string with_freshness(const std::string& json, const std::string& hub, const Freshness& freshness) {
    auto all = nlohmann::json::parse(json);
    all["hub"] = hub;
    all["as_of_seq"] = freshness.as_of_seq;
    all["age_ms"] = freshness.age_ms;
    all["stale"] = is_stale(freshness);
    return all.dump();
}

std::string render_next(const triage::NextReply& next, const Freshness& freshness, TimeMs now, const Style& style) {
    std::string out = freshness_lines(freshness, style) + offers_line(next, now, style);
    if (!next.has_review() && next.waiting() > 0) {
        return out + std::to_string(next.waiting()) + " waiting, none that somebody with your role may take.\n";
    }
    if (!next.has_review())
        return out + "Nobody is waiting" + (next.offers() > 0 ? " in this hub's queue" : "") + ".\n";
    const auto& review = next.review();
    const TimeMs breach = to_ms(review.breach_at());
    const bool handed_over = next.why() == "handed-over-to-you";
    const std::string first = review.case_number() + "  " + category_word(current_category(review)) + "  breach " +
                              format_london(breach) + ", " + time_left(breach, now);
    out += (breach < now ? style.red(first) : style.bold(first)) + "\n";
    out += "  why: " + reason_word(next.why()) + "; waiting in all: " + std::to_string(next.waiting()) + "\n";
    if (handed_over) out += "  from: " + actor_word(review.handover().from()) + "\n";
    return out + "  take it: rightplace " + (handed_over ? "acknowledge " : "claim ") + review.case_number() + "\n";
}

std::string render_queue(const std::string& hub, const triage::QueueReply& queue, const Freshness& freshness,
                         TimeMs now, const Style& style) {
    std::string out = style.bold(hub) + "  " + format_london(now) + " London, " + std::to_string(queue.reviews_size()) +
                      (queue.reviews_size() == 1 ? " case" : " cases") + "\n";
    out += freshness_lines(freshness, style) + hours_line(queue, style) + on_shift_line(queue) + "\n" +
           alert_lines(hub, queue, now, style) + transfer_lines(queue, now, style);
    if (queue.reviews_size() == 0) return out + "Nobody is waiting.\n";
    std::vector<Row> rows{{"NUMBER", "CAT", "BREACH", "TIME", "FLAGS", "AGE", "NEWS2", "STATUS", "HOLDER", "ORIGIN"}};
    const Columns columns(queue);
    columns.add(rows.front(), "SITE", "NEEDS");
    for (const auto& review : queue.reviews()) {
        rows.push_back(queue_row(review, now));
        columns.add(rows.back(), review.facts().site().empty() ? "-" : printable(review.facts().site()),
                    needs_word(review));
    }
    const auto lines = table_lines(rows);
    out += style.bold(lines[0]) + "\n";
    for (int i = 0; i < queue.reviews_size(); ++i) {
        const auto& review = queue.reviews(i);
        const std::int64_t left = review.has_breach_at() ? to_ms(review.breach_at()) - now : soon_ms;
        const auto& line = lines[std::size_t(i) + 1];
        out += (left < 0 ? style.red(line) : left < soon_ms ? style.yellow(line) : line) + "\n";
    }
    return out;
}

}  // namespace rightplace::cli
