#include "services/triage/shell/sheet_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/limits.hpp"
#include "common/log/log.hpp"
#include "services/triage/domain/downtime_sheet.hpp"

namespace rightplace::triage {

Result<bool, std::string> write_whole(const std::string& path, const std::string& text) {
    const std::string aside = path + ".new";
    const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return Failure{"cannot create " + aside + ": " + std::strerror(errno)};
    std::size_t done = 0;
    int failed = 0;
    while (failed == 0 && done < text.size()) {
        const auto written = ::write(fd, text.data() + done, text.size() - done);
        if (written > 0) done += std::size_t(written);
        if (written < 0 && errno != EINTR) failed = errno;
    }
    if (failed == 0 && ::fsync(fd) != 0) failed = errno;
    ::close(fd);
    if (failed == 0 && ::rename(aside.c_str(), path.c_str()) != 0) failed = errno;
    if (failed == 0) return true;
    ::unlink(aside.c_str());
    return Failure{"cannot write " + path + ": " + std::strerror(failed)};
}

SheetWriter::SheetWriter(seams::Clock& clock, runtime::ServiceRuntime& runtime, std::vector<runtime::HubSettings> hubs,
                         std::string folder)
    : clock_(clock), runtime_(runtime), hubs_(std::move(hubs)), folder_(std::move(folder)) {
    thread_ = std::thread([this] { write_on(); });
    for (const auto& hub : hubs_) {  // the first one at once
        auto* of = runtime_.hub(hub.hub);
        if (of == nullptr) continue;
        of->observe_ready(alive_.guard([this, hub] { draw(hub); }));
        of->observe(alive_.guard(
            [this, name = hub.hub](const Event& event, const std::string&) { referrals_[name].see(event); }));
    }
    tick();
}

SheetWriter::~SheetWriter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void SheetWriter::tick() {
    static_assert(3 * limits::downtime_sheet_every_ms <= limits::downtime_sheet_max_age_ms);  // two may fail
    clock_.after(limits::downtime_sheet_every_ms, alive_.guard([this] { tick(); }));
    for (const auto& hub : hubs_) draw(hub);
}

// While the fold is catching up with the record, the last sheet is worth more than a new one.
void SheetWriter::draw(const runtime::HubSettings& hub) {
    auto* runtime = runtime_.hub(hub.hub);
    if (runtime == nullptr) return;
    const auto& feed = runtime->feed();
    if (feed.fresh() && feed.folded() >= feed.journalled()) caught_up_.insert(hub.hub);
    if (!caught_up_.contains(hub.hub)) return;
    rightplace::Query query;
    query.set_hub(hub.hub);
    query.mutable_payload()->PackFrom(GetQueue());
    runtime->query(query, alive_.guard([this, hub](const QueryReply& reply) {
        QueueReply queue;
        if (!reply.payload().UnpackTo(&queue)) return;
        const SheetHead head{hub.hub, hub.label, clock_.wall_ms(), reply.as_of_seq(), std::int64_t(reply.age_ms())};
        put(hub.hub, downtime_sheet(head, queue, referrals_[hub.hub].by_due()));
    }));
}

void SheetWriter::put(const std::string& hub, std::string text) {
    {
        const std::lock_guard lock(mutex_);
        waiting_[hub] = std::move(text);
    }
    changed_.notify_all();
}

void SheetWriter::write_on() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        const auto [hub, text] = *waiting_.begin();
        waiting_.erase(waiting_.begin());
        lock.unlock();
        ::mkdir(folder_.c_str(), 0755);  // where that fails, so does the writing
        const auto written = write_whole(folder_ + "/" + hub + ".txt", text);
        if (!written)
            log::event(log::Level::error, "downtime-sheet-not-written", {{"hub", hub}, {"reason", written.error()}});
        lock.lock();
    }
}

}  // namespace rightplace::triage
