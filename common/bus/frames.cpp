#include "common/bus/frames.hpp"

#include <zmq.h>

#include <cerrno>

#include "common/base/invariant.hpp"

namespace rightplace::bus {

std::optional<Received> receive_frames(void* socket, std::size_t most_kept) {
    Received received;
    for (bool more = true; more;) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0) {
            const int error = zmq_errno();
            zmq_msg_close(&message);
            if (error == EINTR) continue;
            INVARIANT(error == EAGAIN && received.count == 0);  // the frames of a message arrive together
            return std::nullopt;
        }
        more = zmq_msg_more(&message) != 0;
        if (const char* user = zmq_msg_gets(&message, "User-Id")) received.user_id = user;
        if (received.count++ < most_kept) {
            received.frames.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
        }
        zmq_msg_close(&message);
    }
    return received;
}

bool send_frames(void* socket, std::initializer_list<std::string_view> frames) {
    std::size_t sent = 0;
    for (const auto frame : frames) {
        const int flags = ZMQ_DONTWAIT | (sent + 1 < frames.size() ? ZMQ_SNDMORE : 0);
        while (zmq_send(socket, frame.data(), frame.size(), flags) < 0) {
            const int error = zmq_errno();
            if (error == EINTR) continue;
            INVARIANT(error == EAGAIN || error == EHOSTUNREACH);
            INVARIANT(sent == 0);  // only the first frame can find the queue full or the peer gone
            return false;
        }
        ++sent;
    }
    return true;
}

}  // namespace rightplace::bus
