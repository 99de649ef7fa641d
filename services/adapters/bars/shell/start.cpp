#include "services/adapters/bars/shell/start.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "common/base/limits.hpp"
#include "common/base/metrics.hpp"
#include "common/log/log.hpp"

namespace rightplace::bars {
namespace {

[[noreturn]] void leave(const std::string& sentence) {
    std::fprintf(stderr, "bars cannot start: %s\n", sentence.c_str());
    std::exit(1);
}

}  // namespace

OpenedWatch open_watch_or_exit(const std::string& watch_dir, seams::Random& random) {
    std::error_code problem;
    std::filesystem::create_directories(watch_dir, problem);
    if (problem) leave("cannot make the breach watch's directory " + watch_dir + ": " + problem.message());
    auto key = sealing::LocalKey::read_or_create(watch_dir + "/watch.key", random);
    if (!key.ok())
        leave("cannot read or make the breach watch's key in " + watch_dir +
              " (it must be a file of 32 bytes, mode 0600)");
    auto file = WatchFile::open(watch_dir + "/breach.watch", limits::watch_slots, limits::watch_copy_bytes);
    if (!file.ok()) leave(file.error());
    return {std::move(file.value()), key.value()};
}

std::unique_ptr<http::Server> open_door_or_exit(bus::Loop& loop, const config::Bars& bars, Adapter& adapter) {
    http::Bounds bounds;
    bounds.handler_timeout_ms = limits::bars_handler_ms;
    auto server = http::Server::start(
        loop, bars.listen_address(), std::uint16_t(bars.port()),
        [&adapter](http::Request request, http::Server::Respond respond) {
            adapter.handle(std::move(request), std::move(respond));
        },
        bounds, refused_by_server);
    if (!server.ok()) leave(server.error());
    return std::move(server.value());
}

std::unique_ptr<bus::ZmqCommandServer> open_status_or_exit(bus::Context& context, const std::string& endpoint,
                                                           const Adapter& adapter) {
    auto server = bus::ZmqCommandServer::start(context, "bars", endpoint);
    if (!server.ok()) leave(server.error());
    server.value()->serve(
        [&adapter](const seams::Peer&, const seams::Bytes& bytes, const seams::CommandServer::Answer& answer) {
            Request request;
            if (request.ParseFromString(bytes)) answer(adapter.answer_status(request));
        });
    return std::move(server.value());
}

void log_line(const std::string& what, const std::string& id) {
    log::event(log::Level::info, "bars", {{"outcome", what}, {"detail", id}});
}

void show_adapter(const Adapter& adapter) {
    auto& registry = metrics::process();
    registry.gauge("rightplace_breach_watch_armed", "Cases the breach watch holds.")
        .set(std::int64_t(adapter.watch().armed()));
    registry.gauge("rightplace_breach_watch_free_slots", "Cases it can still take.")
        .set(std::int64_t(adapter.watch().free_slots()));
    registry.gauge("rightplace_breach_watch_torn", "Copies that did not check at start.")
        .set(std::int64_t(adapter.watch().torn_at_start()));
    registry.gauge("rightplace_case_keys_left", "Case keys allocated ahead.").set(std::int64_t(adapter.keys_left()));
}

}  // namespace rightplace::bars
