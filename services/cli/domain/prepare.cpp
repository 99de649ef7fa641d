#include "services/cli/domain/prepare.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "messages/runtime.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::cli {
namespace pb = google::protobuf;
using nlohmann::json;
namespace {

std::string type_of(const json& payload) {
    const auto found = payload.find("@type");
    if (found == payload.end() || !found->is_string()) return {};
    const auto url = found->get<std::string>();
    return url.substr(url.rfind('/') + 1);
}

bool is_sealed_field(const std::string& type, const std::string& field) {
    const auto* descriptor = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
    const auto* found = descriptor == nullptr ? nullptr : descriptor->FindFieldByName(field);
    return found != nullptr && found->message_type() == Sealed::descriptor();
}

sealing::Context context_of(const std::string& type, const std::string& field) {
    if (field == "person") return sealing::Context::person;
    const bool of_decision = field == "rationale" || type == triage::RejectReview::descriptor()->full_name();
    return of_decision ? sealing::Context::rationale : sealing::Context::note;
}

OrWhy<std::vector<Plain>> take_plain(json& payload, const std::string& type) {
    std::vector<Plain> taken;
    for (const std::string field : {"person", "text", "rationale"}) {
        if (!payload.contains(field) || !is_sealed_field(type, field)) continue;
        const json& value = payload[field];
        if (field == "person" && value.is_object() && !value.contains("ciphertext")) {
            intake::Person person;
            const auto read = from_json(value.dump(), person);
            if (!read) return Failure{"person: " + read.error() + " (it holds the fields of intake.Person)"};
            taken.push_back({field, context_of(type, field), person.SerializeAsString()});
        } else if (value.is_string()) {
            if (field == "person") return Failure{std::string("person: an object is expected, see intake.Person")};
            taken.push_back({field, context_of(type, field), value.get<std::string>()});
        } else {
            continue;  // sealed already
        }
        payload.erase(field);
    }
    return taken;
}

void fill(Command& command, const Defaults& defaults) {
    if (command.command_id().empty()) command.set_command_id(defaults.command_id);
    if (!defaults.hub.empty()) command.set_hub(defaults.hub);
    if (!command.has_actor()) *command.mutable_actor() = defaults.actor;
    if (command.deadline_ms() == 0) command.set_deadline_ms(defaults.deadline_ms);
    command.set_deadline_ms(std::min(command.deadline_ms(), limits::command_deadline_max_ms));
    if (defaults.occurred_at != 0) *command.mutable_occurred_at() = to_timestamp(defaults.occurred_at);
}

// A case that its asker did not name is named after the command, so that asking again cannot open a second one.
void name_case(Command& command) {
    intake::OpenCase open;
    if (!command.payload().Is<intake::OpenCase>() || !command.payload().UnpackTo(&open)) return;
    if (open.case_id().empty()) open.set_case_id(derived_uuid({"case", command.command_id()}));
    if (command.correlation_id().empty()) command.set_correlation_id(open.facts().journey_id());
    command.mutable_payload()->PackFrom(open);
}

void put_sealed(Command& command, const std::string& field, const Sealed& sealed) {
    auto& any = *command.mutable_payload();
    const auto type = any.type_url().substr(any.type_url().rfind('/') + 1);
    const auto* descriptor = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
    INVARIANT(descriptor != nullptr && is_sealed_field(type, field));
    std::unique_ptr<pb::Message> payload(pb::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    INVARIANT(payload->ParseFromString(any.value()));
    payload->GetReflection()->MutableMessage(payload.get(), descriptor->FindFieldByName(field))->CopyFrom(sealed);
    if (auto* open = dynamic_cast<intake::OpenCase*>(payload.get()); open != nullptr && field == "person") {
        open->mutable_facts()->set_key_id(sealed.key_id());
    }
    any.PackFrom(*payload);
}

OrWhy<json> parse_object(std::string_view text) {
    auto parsed = json::parse(text, nullptr, false);
    if (parsed.is_discarded()) return Failure{std::string("this is not JSON; one object is expected")};
    if (!parsed.is_object()) return Failure{std::string("one JSON object is expected")};
    return parsed;
}

}  // namespace

OrWhy<std::string> service_for(std::string_view type) {
    know_all_messages();
    const std::string name(type);
    if (pb::DescriptorPool::generated_pool()->FindMessageTypeByName(name) == nullptr) {
        return Failure{name + " is no message of the contract; see messages/*.proto for the commands"};
    }
    for (const std::string service : {"intake", "triage", "referral", "vault"}) {
        if (name.rfind("rightplace." + service + ".", 0) == 0) return service;
    }
    if (name == runtime::UnparkReaction::descriptor()->full_name()) {
        return Failure{name + " goes to the service that parked the reaction: use `rightplace unpark ID --hub H`"};
    }
    return Failure{name + " is no command; commands belong to intake, triage, referral or vault"};
}

OrWhy<Prepared> read_command(std::string_view text, const Defaults& defaults) {
    auto parsed = parse_object(text);
    if (!parsed) return Failure{parsed.error()};
    json object = std::move(parsed.value());
    if (object.contains("@type")) object = json{{"payload", object}};
    if (!object.contains("payload") || !object["payload"].is_object()) {
        return Failure{
            std::string("no payload: give a Command, or a bare payload with \"@type\": "
                        "\"type.googleapis.com/rightplace.<service>.<Command>\"")};
    }
    const auto type = type_of(object["payload"]);
    if (type.empty()) {
        return Failure{
            std::string("the payload names no \"@type\": "
                        "write \"type.googleapis.com/rightplace.<service>.<Command>\"")};
    }
    const auto service = service_for(type);
    if (!service) return Failure{service.error()};
    const auto plain = take_plain(object["payload"], type);
    if (!plain) return Failure{plain.error()};
    Prepared prepared;
    const auto read = from_json(object.dump(), prepared.command);
    if (!read) return Failure{"this is no " + type + ": " + read.error()};
    fill(prepared.command, defaults);
    name_case(prepared.command);
    if (prepared.command.hub().empty()) return Failure{std::string("no hub: name one with --hub H")};
    prepared.service = service.value();
    prepared.plain = plain.value();
    return prepared;
}

Prepared prepare_for(const std::string& service, const pb::Message& payload, const Defaults& defaults) {
    Prepared prepared;
    prepared.service = service;
    prepared.command.mutable_payload()->PackFrom(payload);
    fill(prepared.command, defaults);
    return prepared;
}

Prepared prepare(const pb::Message& payload, const Defaults& defaults, const std::string& text) {
    Prepared prepared;
    const auto service = service_for(payload.GetDescriptor()->full_name());
    INVARIANT(service.ok());
    prepared.service = service.value();
    prepared.command.mutable_payload()->PackFrom(payload);
    fill(prepared.command, defaults);
    name_case(prepared.command);
    const auto& type = payload.GetDescriptor()->full_name();
    const std::string field = is_sealed_field(type, "rationale") ? "rationale" : "text";
    INVARIANT(text.empty() || is_sealed_field(type, field));
    if (!text.empty()) prepared.plain.push_back({field, context_of(type, field), text});
    return prepared;
}

void seal_plain(Prepared& prepared, const std::vector<NamedKey>& keys, seams::Random& random) {
    INVARIANT(keys.size() >= prepared.plain.size());
    for (std::size_t i = 0; i < prepared.plain.size(); ++i) {
        auto& plain = prepared.plain[i];
        const auto& key = keys[i];
        put_sealed(prepared.command, plain.field,
                   sealing::seal(key.key, key.key_id, plain.context, plain.bytes, random));
        sealing::wipe(plain.bytes);
    }
    prepared.plain.clear();
}

}  // namespace rightplace::cli
