#include "common/store/users.hpp"

#include "common/base/hash.hpp"

namespace rightplace::store {
namespace {

// What hub_services.lua calls, and nothing that removes a key or touches more than one hub's keys.
constexpr std::string_view service_commands =
    "-@all +auth +ping +fcall +fcall_ro +time +type +exists +hget +hmget +hgetall +hkeys +hset +hdel "
    "+zadd +zrem +zrangebyscore +xadd +xread +xrange +sadd +smembers";
constexpr std::string_view audit_commands = " +unlink +scan +xtrim +function|load";

// {hub}:<type>:<id>, done marks, cursors and queues all have a second colon. The heartbeat has not.
constexpr std::string_view shared_keys = "~{*}:*:* ~{*}:head ~{*}:log ~{*}:lease ~{*}:marks ~{*}:services";

std::string user(std::string_view name, std::string_view password) {
    return "user " + std::string(name) + " on #" + to_hex(sha256(password)) + " resetchannels ";
}

}  // namespace

std::string acl_file(std::string_view service_password, std::string_view audit_password) {
    const std::string commands(service_commands);
    return "user default off resetkeys resetchannels -@all\n" +  //
           user(service_user, service_password) + std::string(shared_keys) + " %R~{*}:beat " + commands + "\n" +
           user(audit_user, audit_password) + "~{*}:* " + commands + std::string(audit_commands) + "\n";
}

}  // namespace rightplace::store
