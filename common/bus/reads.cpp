#include "common/bus/reads.hpp"

#include "common/base/limits.hpp"
#include "common/bus/request_id.hpp"
#include "messages/audit.pb.h"

namespace rightplace::bus {
namespace {

seams::Bytes overloaded(const seams::Bytes& bytes) {
    audit::ReadReply reply;
    reply.set_request_id(request_id_of(bytes).value_or(""));
    reply.set_error("too many reads held");
    return reply.SerializeAsString();
}

}  // namespace

Result<std::unique_ptr<ReadServer>, std::string> ReadServer::start(Context& context, const std::string& endpoint) {
    auto router = Router::start(context, "audit", endpoint, limits::read_max_followers, overloaded);
    if (!router) return Failure{router.error()};
    return std::unique_ptr<ReadServer>(new ReadServer(std::move(router.value())));
}

}  // namespace rightplace::bus
