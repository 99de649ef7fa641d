// Opening what the record holds sealed: with keys that vault releases once the view is recorded.
#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include "common/base/seal.hpp"
#include "services/cli/shell/session.hpp"

namespace rightplace::cli {

// Whose seals are opened, and why.
struct Look {
    std::string hub;
    std::string owner;  // the case's id, or the exchange's of a message that has no case
    std::string purpose;
    std::string view_session;  // empty: of this run alone
};

// Keys that vault released for this run; each is asked for once.
class Keys {
   public:
    Keys(Session& session, Look look);

    OrWhy<std::string> open(const Sealed& sealed, std::initializer_list<sealing::Context> contexts);
    bool view_recorded() const { return view_recorded_; }

   private:
    OrWhy<sealing::Key> key_of(const std::string& key_id);

    Session& session_;
    Look look_;
    std::map<std::string, OrWhy<sealing::Key>> keys_;
    bool view_recorded_ = true;
};

// The sender's bytes, to a file that is not there yet and that its owner alone may read.
int write_original(Session& session, Keys& keys, const Sealed& sealed, const std::string& file);
// Why is asked before anything else is.
int purpose_missing(Session& session);

}  // namespace rightplace::cli
