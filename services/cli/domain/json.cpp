#include "services/cli/domain/json.hpp"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "messages/audit.pb.h"
#include "messages/intake.pb.h"
#include "messages/pathways.pb.h"
#include "messages/policy.pb.h"
#include "messages/referral.pb.h"
#include "messages/runtime.pb.h"
#include "messages/transfer.pb.h"
#include "messages/triage.pb.h"
#include "messages/vault.pb.h"

namespace rightplace::cli {
namespace pb = google::protobuf;
namespace {

pb::util::JsonPrintOptions print_options() {
    pb::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    return options;
}

std::string base64(const std::string& bytes) {
    static constexpr char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto byte = [&](std::size_t i) { return i < bytes.size() ? std::uint8_t(bytes[i]) : 0U; };
        const std::uint32_t three = (byte(at) << 16) | (byte(at + 1) << 8) | byte(at + 2);
        out += signs[(three >> 18) & 63];
        out += signs[(three >> 12) & 63];
        out += at + 1 < bytes.size() ? signs[(three >> 6) & 63] : '=';
        out += at + 2 < bytes.size() ? signs[three & 63] : '=';
    }
    return out;
}

}  // namespace

void know_all_messages() {
    // A static library drops a file that nobody names; its messages would then be unknown.
    for (const pb::Descriptor* used : {Event::descriptor(), audit::EpochOpened::descriptor(),
                                       intake::CaseOpened::descriptor(), triage::ReviewQueued::descriptor(),
                                       triage::TransferOffered::descriptor(), triage::PathwaysReply::descriptor(),
                                       referral::DeliveryRequested::descriptor(), vault::IdentityViewed::descriptor(),
                                       runtime::ReactionParked::descriptor(), policy::HubPolicy::descriptor()}) {
        INVARIANT(used != nullptr);
    }
}

std::string to_json(const pb::Message& message) {
    know_all_messages();
    std::string out;
    const auto outcome = pb::util::MessageToJsonString(message, &out, print_options());
    if (!outcome.ok()) return R"({"error":"this message holds a payload that this program does not know"})";
    return out;
}

std::string event_to_json(const Event& event) {
    know_all_messages();
    const auto& url = event.payload().type_url();
    const auto* known = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(url.substr(url.rfind('/') + 1));
    std::string out;
    const bool try_it = known != nullptr || url.empty();
    if (try_it && pb::util::MessageToJsonString(event, &out, print_options()).ok()) return out;
    Event without = event;
    without.clear_payload();
    auto json = nlohmann::json::parse(to_json(without));
    json["payload"] = {{"@type", event.payload().type_url()}, {"base64", base64(event.payload().value())}};
    return json.dump();
}

OrWhy<bool> from_json(std::string_view text, pb::Message& into) {
    know_all_messages();
    pb::util::JsonParseOptions options;
    options.ignore_unknown_fields = false;
    const auto outcome = pb::util::JsonStringToMessage(std::string(text), &into, options);
    if (outcome.ok()) return true;
    return Failure{without_values(std::string(outcome.message()))};
}

std::string without_values(std::string_view sentence) {
    const std::string_view line = sentence.substr(0, sentence.find('\n'));
    std::string out;
    bool quoted = false;
    for (const char sign : line) {
        if (sign == '"') {
            if (!quoted) out += "a value";
            quoted = !quoted;
        } else if (!quoted) {
            out += sign;
        }
    }
    return out;
}

}  // namespace rightplace::cli
