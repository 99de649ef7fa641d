// Answers audit.Read from the journals: ranges, and follows (a read past the head with wait_ms is held
// until an append or its time is up). One Read is one credit: it is answered once, with at most
// limits::read_max_events and read_max_bytes. Knows no socket.
// ReadReply.error is one of: malformed, unknown-hub, too-many-followers, journal-unreadable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/base/alive.hpp"
#include "common/base/seams.hpp"
#include "messages/audit.pb.h"

namespace rightplace::audit {

class ReadService {
   public:
    using Answer = std::function<void(std::string)>;  // a serialised audit.ReadReply

    explicit ReadService(seams::Clock& clock) : clock_(clock) {}
    void serve(const std::string& hub, seams::Journal& journal);  // which must outlive this
    void handle(const std::string& read_bytes, Answer answer);
    void on_appended(const std::string& hub);
    std::size_t held() const { return held_.size(); }

   private:
    struct Asked {
        Read read;
        Answer answer;
        std::int64_t until_boot_ms = 0;  // 0: not to be held
        std::uint64_t appends = 0;       // of the hub, when its journal was last read for this
    };
    struct Served {
        seams::Journal* journal = nullptr;
        std::uint64_t appends = 0;
    };
    void look(std::shared_ptr<Asked> asked);
    void hold(std::shared_ptr<Asked> asked);
    void finish(std::shared_ptr<Asked> asked, ReadReply reply);
    static void refuse(const Asked& asked, const char* error);

    seams::Clock& clock_;
    std::map<std::string, Served> hubs_;
    std::map<std::uint64_t, std::shared_ptr<Asked>> held_;
    std::uint64_t next_held_ = 0;
    Alive alive_;
};

}  // namespace rightplace::audit
