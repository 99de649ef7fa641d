#include "services/cli/shell/telling.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "common/base/hash.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

OrWhy<EventFilter> filter_of(const ReplayOptions& options) {
    EventFilter filter{options.case_id, options.name, std::nullopt, std::nullopt};
    if (!options.from.empty()) filter.from = parse_instant(options.from);
    if (!options.to.empty()) filter.to = parse_instant(options.to);
    const bool wrong = (!options.from.empty() && !filter.from) || (!options.to.empty() && !filter.to);
    if (wrong) return Failure{std::string("--from and --to take an instant such as 2026-11-26T03:04:05Z")};
    return filter;
}

Telling::Telling(std::ostream& out, EventFilter filter, Form form)
    : out_(out), filter_(std::move(filter)), form_(form) {}

bool Telling::see(const std::string& stored) {
    const auto event = chain_.add(stored);
    if (!event) {
        problem(event.error());
        return false;
    }
    if (known_ && known_->seq == chain_.size()) {
        known_seen_ = true;
        if (chain_.root() != known_->root) {
            problem("the root kept elsewhere is not the record's at seq " + std::to_string(known_->seq) +
                    ": something at or before it was altered");
        }
    }
    if (form_ == Form::silent || !matches(filter_, event.value())) return true;
    out_ << (form_ == Form::json ? event_to_json(event.value()) : replay_line(event.value())) << "\n";
    return true;
}

void Telling::compare_head(std::uint64_t head_seq, const std::string& root) {
    if (!problems_.empty()) return;
    if (chain_.size() != head_seq) {
        problem("the head is said to be " + std::to_string(head_seq) + ", and " + std::to_string(chain_.size()) +
                " events were there");
    } else if (chain_.root() != root) {
        problem("the root over the events is not the root that is kept with them");
    }
}

void Telling::problem(const std::string& sentence) {
    problems_.push_back(sentence);
}

int Telling::conclude_replay(std::ostream& err) const {
    out_ << std::flush;
    for (const auto& sentence : problems_) err << "THE RECORD IS NOT SOUND: " << printable(sentence) << std::endl;
    return problems_.empty() ? 0 : 1;
}

int Telling::conclude_verify(const std::string& source, const std::string& journal_id, bool json) {
    if (known_ && !known_seen_ && problems_.empty()) {
        problem("the record ends at seq " + std::to_string(chain_.size()) +
                ", before the seq of the root kept elsewhere");
    }
    return print_verdict(out_, {source, journal_id, chain_.size(), chain_.root(), problems_}, json);
}

int print_verdict(std::ostream& out, const Verdict& verdict, bool json) {
    const bool sound = verdict.problems.empty();
    const std::string root = to_hex(verdict.root);
    if (json) {
        const nlohmann::json it{{"ok", sound},
                                {"source", verdict.source},
                                {"journal_id", verdict.journal_id},
                                {"events", verdict.events},
                                {"root", root},
                                {"problems", verdict.problems}};
        out << it.dump() << std::endl;
        return sound ? 0 : 1;
    }
    if (sound) {
        out << verdict.source << ": sound. " << verdict.events << " events, every leaf, the chain and the root fit.\n"
            << "root " << root << "@" << verdict.events << std::endl;
        return 0;
    }
    out << verdict.source << ": NOT SOUND. Sound up to seq " << verdict.events << ".\n";
    for (const auto& sentence : verdict.problems) out << "!! " << printable(sentence) << "\n";
    out << "Stop using this copy, keep it as it is, and compare it with a backup and with the roots kept elsewhere."
        << std::endl;
    return 1;
}

}  // namespace rightplace::cli
