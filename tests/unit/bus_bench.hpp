// A stack of the bus in one process: keys in a directory of its own, every socket real.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "common/bus/command_client.hpp"
#include "common/bus/command_server.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::bus {

struct TempDir {
    TempDir() {
        char name[] = "/tmp/rp-bus-XXXXXX";
        path = mkdtemp(name);
    }
    ~TempDir() { std::filesystem::remove_all(path); }
    std::string path;
};

struct Bench {
    TempDir dir;
    Loop loop;
    std::string keys_dir = dir.path + "/keys";
    Context server_side{loop, keys()};
    Context client_side{loop, keys()};

    Keyring keys() const { return Keyring::open(keys_dir).value(); }
    std::string endpoint(const std::string& service) const { return "ipc://" + dir.path + "/" + service + ".cmd"; }
    ZmqCommandClient::EndpointOf endpoints() const {
        return [this](const std::string& service) { return endpoint(service); };
    }
    bool until(const std::function<bool()>& done, std::int64_t most_ms = 60'000) {
        const auto end = loop.boot_ms() + most_ms;
        while (!done() && loop.boot_ms() < end) loop.turn(20);
        return done();
    }
};

inline std::uint64_t counted(const std::string& name, const metrics::Labels& labels = {}) {
    return metrics::process().counter(name, "", labels).value();
}

inline seams::Bytes request(const std::string& command_id, const std::string& request_id = "") {
    Request made;
    made.set_request_id(request_id);
    made.mutable_command()->set_command_id(command_id);
    return made.SerializeAsString();
}

// The answer to a request: accepted, under its ids.
inline seams::Bytes accepted(const seams::Bytes& bytes) {
    Request asked;
    if (!asked.ParseFromString(bytes)) return {};
    Response response;
    response.set_request_id(asked.request_id());
    response.mutable_reply()->set_command_id(asked.command().command_id());
    response.mutable_reply()->set_status(ACCEPTED);
    return response.SerializeAsString();
}

inline Response parsed(const seams::Bytes& bytes) {
    Response response;
    if (!response.ParseFromString(bytes)) response.Clear();
    return response;
}

}  // namespace rightplace::bus
