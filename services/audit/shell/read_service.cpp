#include "services/audit/shell/read_service.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/limits.hpp"

namespace rightplace::audit {

using seams::JournalHead;
using seams::Journalled;
using Page = seams::Journal::Page;

void ReadService::serve(const std::string& hub, seams::Journal& journal) {
    hubs_[hub].journal = &journal;
}

void ReadService::refuse(const Asked& asked, const char* error) {
    ReadReply reply;
    reply.set_request_id(asked.read.request_id());
    reply.set_error(error);
    asked.answer(reply.SerializeAsString());
}

void ReadService::handle(const std::string& read_bytes, Answer answer) {
    auto asked = std::make_shared<Asked>();
    asked->answer = std::move(answer);
    if (!asked->read.ParseFromString(read_bytes)) return refuse(*asked, "malformed");
    if (!hubs_.contains(asked->read.hub())) return refuse(*asked, "unknown-hub");
    const std::uint32_t most = asked->read.max_events();
    asked->read.set_max_events(most == 0 ? limits::read_max_events : std::min(most, limits::read_max_events));
    const std::uint32_t wait = std::min(asked->read.wait_ms(), limits::read_max_wait_ms);
    if (wait > 0) asked->until_boot_ms = clock_.boot_ms() + wait;
    look(std::move(asked));
}

void ReadService::look(std::shared_ptr<Asked> asked) {
    const Served& hub = hubs_.at(asked->read.hub());
    asked->appends = hub.appends;
    hub.journal->read(asked->read.from_seq(), asked->read.max_events(), asked->read.case_id(),
                      alive_.guard([this, asked](Journalled<Page> page) {
                          if (!page) return refuse(*asked, "journal-unreadable");
                          asked->read.set_from_seq(page.value().next_seq);
                          if (page.value().events.empty() && asked->until_boot_ms > clock_.boot_ms())
                              return hold(asked);
                          ReadReply reply;
                          reply.set_next_seq(page.value().next_seq);
                          for (auto& event : page.value().events) reply.add_events(std::move(event));
                          finish(asked, std::move(reply));
                      }));
}

void ReadService::hold(std::shared_ptr<Asked> asked) {
    // Something was appended while the journal was read: it may be what this one waits for.
    if (asked->appends != hubs_.at(asked->read.hub()).appends) return look(std::move(asked));
    if (held_.size() >= limits::read_max_followers) return refuse(*asked, "too-many-followers");
    const std::uint64_t key = next_held_++;
    held_[key] = asked;
    clock_.after(asked->until_boot_ms - clock_.boot_ms(), alive_.guard([this, key] {
        const auto found = held_.find(key);
        if (found == held_.end()) return;
        const auto late = found->second;
        held_.erase(found);
        ReadReply reply;
        reply.set_next_seq(late->read.from_seq());
        finish(late, std::move(reply));
    }));
}

void ReadService::on_appended(const std::string& hub) {
    const auto served = hubs_.find(hub);
    if (served == hubs_.end()) return;
    ++served->second.appends;
    std::vector<std::shared_ptr<Asked>> woken;
    for (auto each = held_.begin(); each != held_.end();) {
        if (each->second->read.hub() == hub) {
            woken.push_back(each->second);
            each = held_.erase(each);
        } else {
            ++each;
        }
    }
    for (auto& each : woken) look(std::move(each));
}

void ReadService::finish(std::shared_ptr<Asked> asked, ReadReply reply) {
    seams::Journal& journal = *hubs_.at(asked->read.hub()).journal;
    journal.head(alive_.guard([asked, page = std::move(reply)](const Journalled<JournalHead>& head) {
        if (!head) return refuse(*asked, "journal-unreadable");
        ReadReply whole = page;
        whole.set_request_id(asked->read.request_id());
        whole.set_head_seq(head.value().seq);
        whole.set_epoch(head.value().epoch);
        whole.set_journal_id(head.value().journal_id);
        whole.set_root(head.value().root);
        asked->answer(whole.SerializeAsString());
    }));
}

}  // namespace rightplace::audit
