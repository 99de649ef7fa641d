// Keeps a downtime sheet for each hub in a folder: written anew every limits::downtime_sheet_every_ms, each time whole
// or not at all. A disk that is slow or full holds up nobody: the writing has a thread of its own.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/base/alive.hpp"
#include "common/runtime/service_runtime.hpp"
#include "services/triage/domain/open_referrals.hpp"

namespace rightplace::triage {

class SheetWriter {
   public:
    // The folder is made when it is not there. Failures are logged at each attempt; `rightplace status` sees the age.
    SheetWriter(seams::Clock& clock, runtime::ServiceRuntime& runtime, std::vector<runtime::HubSettings> hubs,
                std::string folder);
    ~SheetWriter();

   private:
    void tick();
    void draw(const runtime::HubSettings& hub);
    void put(const std::string& hub, std::string text);
    void write_on();

    seams::Clock& clock_;
    runtime::ServiceRuntime& runtime_;
    std::vector<runtime::HubSettings> hubs_;
    std::string folder_;
    std::map<std::string, OpenReferrals> referrals_;  // by hub; all that is kept of another service here
    std::set<std::string> caught_up_;                 // hubs whose record was once folded to its end
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::string> waiting_;  // by hub: the newest text that is not written yet
    bool stopping_ = false;
    std::thread thread_;
    Alive alive_;
};

// Written aside, synced and moved into place; the error is a sentence.
Result<bool, std::string> write_whole(const std::string& path, const std::string& text);

}  // namespace rightplace::triage
