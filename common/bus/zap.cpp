#include "common/bus/zap.hpp"

#include <zmq.h>

#include <string>
#include <vector>

#include "common/bus/frames.hpp"

namespace rightplace::bus {
namespace {

// Frames of a request: version, request id, domain, address, routing id, mechanism, credentials.
constexpr std::size_t version_frame = 0;
constexpr std::size_t request_id_frame = 1;
constexpr std::size_t mechanism_frame = 5;
constexpr std::size_t key_frame = 6;
constexpr std::size_t frame_count = 7;
constexpr std::size_t raw_key_bytes = 32;
constexpr std::size_t z85_key_chars = 40;

std::optional<std::string> role_of(const Keyring& keys, const std::vector<std::string>& frames) {
    if (frames.size() != frame_count || frames[version_frame] != "1.0" || frames[mechanism_frame] != "CURVE" ||
        frames[key_frame].size() != raw_key_bytes) {
        return std::nullopt;
    }
    char text[z85_key_chars + 1];
    zmq_z85_encode(text, reinterpret_cast<const std::uint8_t*>(frames[key_frame].data()), raw_key_bytes);
    return keys.role_of(text);
}

}  // namespace

ZapHandler::ZapHandler(Loop& loop, std::shared_ptr<void> context, const Keyring& keys)
    : loop_(loop),
      context_(std::move(context)),
      keys_(keys),
      socket_(zmq_socket(context_.get(), ZMQ_REP)),
      refused_(metrics::process().counter("rightplace_bus_keys_refused_total",
                                          "Handshakes with a key that is not on the allow-list")) {
    INVARIANT(socket_ != nullptr);
    const int linger = 0;
    zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
    INVARIANT(zmq_bind(socket_, "inproc://zeromq.zap.01") == 0);
    loop_.watch_socket(socket_, [this] { judge_all(); });
}

ZapHandler::~ZapHandler() {
    loop_.unwatch_socket(socket_);
    zmq_close(socket_);
}

void ZapHandler::judge_all() {
    while (const auto request = receive_frames(socket_, frame_count)) {
        const auto role = request->count == request->frames.size() ? role_of(keys_, request->frames) : std::nullopt;
        if (!role) refused_.add();
        const std::string id = request->frames.size() > request_id_frame ? request->frames[request_id_frame] : "";
        send_frames(socket_, {"1.0", id, role ? "200" : "400", role ? "OK" : "unknown key", role.value_or(""), ""});
    }
}

}  // namespace rightplace::bus
