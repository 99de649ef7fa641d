// Tells a record to a person or a program while it checks it: what replay and verify share, live and offline.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "services/cli/domain/chain.hpp"
#include "services/cli/shell/audit_commands.hpp"

namespace rightplace::cli {

OrWhy<EventFilter> filter_of(const ReplayOptions& options);

struct Verdict {
    std::string source;  // "hub ashford", "journal FILE"
    std::string journal_id;
    std::uint64_t events = 0;  // up to which all is sound
    std::string root;          // 32 bytes, over them
    std::vector<std::string> problems;
};
// The exit code: 0, or 1 when the record is not sound.
int print_verdict(std::ostream& out, const Verdict& verdict, bool json);

class Telling {
   public:
    enum class Form { silent, words, json };
    Telling(std::ostream& out, EventFilter filter, Form form);

    void expect(const KnownRoot& known) { known_ = known; }
    // The next stored event. False when the record is broken here: nothing after it is told.
    bool see(const std::string& stored);
    // What the holder of the record says of its own head.
    void compare_head(std::uint64_t head_seq, const std::string& root);
    void problem(const std::string& sentence);

    // The exit code: 0, or 1 when the record is not sound.
    int conclude_replay(std::ostream& err) const;
    int conclude_verify(const std::string& source, const std::string& journal_id, bool json);

   private:
    std::ostream& out_;
    EventFilter filter_;
    Form form_;
    ChainCheck chain_;
    std::optional<KnownRoot> known_;
    bool known_seen_ = false;
    std::vector<std::string> problems_;
};

}  // namespace rightplace::cli
