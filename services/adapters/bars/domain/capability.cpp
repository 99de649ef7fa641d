#include "services/adapters/bars/domain/capability.hpp"

#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/definitions.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view stated_on = "2026-11-28";  // when what follows was last changed

Tree interactions(std::initializer_list<std::string_view> codes) {
    Tree list = Tree::array();
    for (const auto code : codes) list.push_back({{"code", code}});
    return list;
}

Tree token(std::string_view name, std::string_view documentation) {
    return {{"name", name}, {"type", "token"}, {"documentation", documentation}};
}

Tree rest() {
    const Tree definitions = {{"type", "MessageDefinition"},
                              {"interaction", interactions({"search-type"})},
                              {"versioning", "no-version"},
                              {"searchParam", Tree::array({token("context", "The service id; required.")})}};
    const Tree requests = {
        {"type", "ServiceRequest"},
        {"interaction", interactions({"read", "search-type"})},
        {"versioning", "no-version"},
        {"searchParam", Tree::array({token("patient:identifier", "The patient's NHS number; required.")})}};
    const Tree process_message = {
        {"name", "process-message"},
        {"definition", "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"}};
    return {{"mode", "server"},
            {"resource", Tree::array({definitions, requests})},
            {"operation", Tree::array({process_message})}};
}

Tree messaging() {
    Tree messages = Tree::array();
    for (const auto& definition : definitions()) {
        messages.push_back(
            {{"mode", definition.taken ? "receiver" : "sender"}, {"definition", definition_url(definition)}});
    }
    return {{"supportedMessage", std::move(messages)}};
}

}  // namespace

std::string capability_statement(std::string_view version, Format format) {
    const Tree statement = {{"resourceType", "CapabilityStatement"},
                            {"id", "rightplace-bars"},
                            {"version", version},
                            {"name", "RightplaceBars"},
                            {"title", "Clinical co-ordination hub: BaRS validation responder and referral receiver"},
                            {"status", "active"},
                            {"date", stated_on},
                            {"kind", "instance"},
                            {"software", {{"name", "Rightplace"}, {"version", version}}},
                            {"implementation", {{"description", "The BaRS front door of clinical co-ordination hubs"}}},
                            {"fhirVersion", "4.0.1"},
                            {"format", Tree::array({"application/fhir+json", "application/fhir+xml", "json", "xml"})},
                            {"rest", Tree::array({rest()})},
                            {"messaging", Tree::array({messaging()})}};
    return write_document(statement, format);
}

}  // namespace rightplace::bars
