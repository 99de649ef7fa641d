// bars: the hub's BaRS front door, its messages to senders, and the breach watch. Only wiring here.
#include "common/config/load.hpp"
#include "common/http/partner.hpp"
#include "common/log/log.hpp"
#include "common/program/real_world.hpp"
#include "services/adapters/bars/shell/adapter.hpp"
#include "services/adapters/bars/shell/start.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const auto parsed = config::parse_args(argc, argv, "bars");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);

    auto world = program::RealWorld::build_or_exit(stack, "bars");
    auto watch = bars::open_watch_or_exit(stack.bars().watch_dir(), world->random());
    http::CurlPartner partner(world->loop());
    bars::Adapter adapter(stack,
                          {world->loop(), world->random(), world->life(), world->feed(), world->reader(),
                           world->client(), partner, bars::log_line},
                          std::move(watch.file), watch.key);
    const auto door = bars::open_door_or_exit(world->loop(), stack.bars(), adapter);
    const auto status = bars::open_status_or_exit(world->context(), config::endpoint(stack, "bars"), adapter);
    adapter.start();
    return world->run([&adapter](std::string& why_not) { return adapter.ready(why_not); },
                      [&adapter] { bars::show_adapter(adapter); });
}
