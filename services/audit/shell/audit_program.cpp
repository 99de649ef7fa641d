#include "services/audit/shell/audit_program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "common/base/metrics.hpp"
#include "common/config/load.hpp"
#include "common/log/log.hpp"
#include "common/runtime/status_response.hpp"
#include "services/audit/shell/clock_file.hpp"
#include "services/audit/shell/high_water.hpp"

namespace rightplace::audit {

Result<std::unique_ptr<AuditProgram>, std::string> AuditProgram::open(program::RealWorld& world) {
    std::unique_ptr<AuditProgram> audit(new AuditProgram(world));
    auto sockets = audit->open_sockets();
    if (!sockets.ok()) return Failure{sockets.error()};
    for (const auto& hub : world.stack().hubs()) {
        auto opened = audit->open_hub(hub);
        if (!opened.ok()) return Failure{opened.error()};
    }
    return audit;
}

Result<bool, std::string> AuditProgram::open_sockets() {
    auto& context = world_.context();
    auto feed = bus::ZmqFeedPublisher::start(context, config::feed_endpoint(world_.stack()));
    if (!feed.ok()) return Failure{feed.error()};
    feed_ = std::move(feed.value());
    auto reads = bus::ReadServer::start(context, config::read_endpoint(world_.stack()));
    if (!reads.ok()) return Failure{reads.error()};
    read_server_ = std::move(reads.value());
    auto commands = bus::ZmqCommandServer::start(context, "audit", config::endpoint(world_.stack(), "audit"));
    if (!commands.ok()) return Failure{commands.error()};
    commands_ = std::move(commands.value());
    return true;
}

Result<bool, std::string> AuditProgram::open_hub(const config::Hub& hub) {
    const auto path = config::journal_file(world_.stack(), hub.name());
    JournalOptions options;
    options.free_space_floor_bytes = world_.stack().audit().free_space_floor_bytes();
    auto journal = SqliteJournal::open(path, hub.name(), world_.loop(), options);
    if (!journal.ok()) {
        return Failure{"the journal of " + hub.name() + " (" + path + ") does not open: " + journal.error().detail};
    }
    HubSide side{hub.name(), std::move(journal.value()), nullptr};
    CoreHooks hooks;
    hooks.high_water = [this](const std::string& of, seams::Done<std::optional<HighWaterMark>> done) {
        ask_high_water(world_.client(), of, std::move(done));
    };
    hooks.name_first_journal = [this](const std::string& of, const std::string& id, seams::Done<bool> done) {
        name_first_journal(world_.client(), of, id, std::move(done));
    };
    const auto clock_file = clock_file_of(path);
    hooks.keep_clock = [clock_file, name = hub.name()](const ClockMark& mark) {
        if (!audit::keep_clock(clock_file, mark))
            log::event(log::Level::error, "clock-not-kept", {{"hub", name}, {"reason", std::strerror(errno)}});
    };
    hooks.on_root = [this, name = hub.name()](const seams::JournalHead& head) { write_root(name, head); };
    hooks.on_appended = [this, name = hub.name()](const seams::JournalHead&) { reads_.on_appended(name); };
    reads_.serve(hub.name(), *side.journal);
    side.core = std::make_unique<AuditCore>(
        CoreOptions{hub.name(), world_.stack().label(), false, boot_id(), read_clock(clock_file)},
        CoreParts{world_.store(), *side.journal, *feed_, world_.loop(), world_.random(), world_.life()}, hooks);
    hubs_.push_back(std::move(side));
    return true;
}

void AuditProgram::start() {
    read_server_->serve([this](const seams::Peer&, const seams::Bytes& read, const bus::Router::Answer& answer) {
        reads_.handle(read, answer);
    });
    commands_->serve([this](const seams::Peer&, const seams::Bytes& bytes, const seams::CommandServer::Answer& answer) {
        answer_status(bytes, answer);
    });
    for (auto& side : hubs_) side.core->start();
}

// One line each time, appended and synced: kept outside the journal so that it can be held against it.
void AuditProgram::write_root(const std::string& hub, const seams::JournalHead& head) {
    const auto& folder = world_.stack().audit().roots_dir();
    if (folder.empty()) return;
    const auto path = folder + "/" + hub + ".roots";
    const auto line = format_utc(world_.loop().wall_ms()) + " " + head.journal_id + " " + to_hex(head.root) + "@" +
                      std::to_string(head.seq) + "\n";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const bool kept = fd >= 0 && write(fd, line.data(), line.size()) == ssize_t(line.size()) && fdatasync(fd) == 0;
    if (!kept) log::event(log::Level::error, "root-not-kept", {{"hub", hub}, {"reason", std::strerror(errno)}});
    if (fd >= 0) close(fd);
}

void AuditProgram::answer_status(const seams::Bytes& bytes, const seams::CommandServer::Answer& answer) const {
    Request request;
    if (!request.ParseFromString(bytes) || !request.has_query()) return;
    answer(runtime::status_response(request, status(),
                                    "audit answers only status here; events are read from its read socket."));
}

runtime::StatusReply AuditProgram::status() const {
    runtime::StatusReply status;
    status.set_service("audit");
    status.set_version(RIGHTPLACE_VERSION);
    for (const auto& side : hubs_) {
        auto& hub = *status.add_hubs();
        const auto age = side.core->beat_age_ms();
        hub.set_hub(side.hub);
        hub.set_epoch(side.core->head().epoch);
        hub.set_folded_seq(side.core->head().seq);
        hub.set_head_seq(side.core->head().seq);
        hub.set_heartbeat_age_ms(age < 0 ? UINT64_MAX : std::uint64_t(age));
        hub.set_ready(side.core->stage() == AuditCore::Stage::running && age >= 0 &&
                      age <= limits::heartbeat_max_age_ms);
        if (!hub.ready()) hub.set_why_not_ready(side.core->trouble().empty() ? "opening" : side.core->trouble());
    }
    return status;
}

bool AuditProgram::ready(std::string& why_not) const {
    const auto now = status();
    for (const auto& hub : now.hubs()) {
        if (hub.ready()) continue;
        why_not = hub.hub() + ": " + hub.why_not_ready();
        return false;
    }
    return true;
}

void AuditProgram::show() const {
    auto& registry = metrics::process();
    const auto now = status();
    for (const auto& hub : now.hubs()) {
        const metrics::Labels labels{{"hub", hub.hub()}};
        registry.gauge("rightplace_journal_seq", "Events in the journal.", labels).set(std::int64_t(hub.head_seq()));
        registry.gauge("rightplace_epoch", "The journal's epoch.", labels).set(std::int64_t(hub.epoch()));
        registry.gauge("rightplace_ready", "1 when the ring is open.", labels).set(hub.ready() ? 1 : 0);
    }
    for (const auto& side : hubs_) {
        if (side.core->hub_now() == 0) continue;
        registry.gauge("rightplace_clock_gap_ms", "The wall clock less hub time.", {{"hub", side.hub}})
            .set(world_.loop().wall_ms() - side.core->hub_now());
    }
    registry.gauge("rightplace_reads_held", "Follows waiting for an event.").set(std::int64_t(reads_.held()));
}

}  // namespace rightplace::audit
