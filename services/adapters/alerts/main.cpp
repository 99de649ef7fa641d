// alerts: carries each hub's alerts to a webhook, signed. Only wiring here.
#include "common/config/load.hpp"
#include "common/http/partner.hpp"
#include "common/program/real_world.hpp"
#include "services/adapters/alerts/shell/start.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const auto parsed = config::parse_args(argc, argv, "alerts");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);

    auto world = program::RealWorld::build_or_exit(stack, "alerts");
    http::CurlPartner partner(world->loop());
    alerts::Adapter adapter(
        alerts::receivers_or_exit(stack, world->random()),
        {world->loop(), world->life(), world->feed(), world->reader(), world->client(), partner, alerts::log_line});
    const auto status = alerts::open_status_or_exit(world->context(), config::endpoint(stack, "alerts"), adapter);
    adapter.start();
    return world->run([&adapter](std::string& why_not) { return adapter.ready(why_not); },
                      [&adapter] { adapter.show(); }, [&adapter] { return adapter.remark(); });
}
