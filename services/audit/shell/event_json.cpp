#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver.h>
#include <google/protobuf/util/type_resolver_util.h>

#include "services/audit/domain/succession.hpp"
#include "services/audit/replay.hpp"
#include "services/audit/shell/descriptors.hpp"

namespace rightplace::audit {

struct EventJson::Known {
    google::protobuf::DescriptorPool pool;
    std::unique_ptr<google::protobuf::util::TypeResolver> resolver;
};

EventJson::EventJson(const std::vector<std::string>& descriptor_sets) {
    std::vector<std::string> all{std::string(descriptor_set())};
    all.insert(all.end(), descriptor_sets.begin(), descriptor_sets.end());
    for (const auto& bytes : all) {
        google::protobuf::FileDescriptorSet set;
        if (!set.ParseFromString(bytes)) continue;
        auto known = std::make_unique<Known>();
        for (const auto& file : set.file()) known->pool.BuildFile(file);
        known->resolver.reset(
            google::protobuf::util::NewTypeResolverForDescriptorPool("type.googleapis.com", &known->pool));
        sets_.push_back(std::move(known));
    }
}

EventJson::~EventJson() = default;

std::string EventJson::line(const std::string& stored) const {
    if (!parse_stored(stored)) return {};  // the converter is more lenient
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    for (const auto& known : sets_) {
        std::string json;
        const auto status = google::protobuf::util::BinaryToJsonString(
            known->resolver.get(), "type.googleapis.com/rightplace.Event", stored, &json, options);
        if (status.ok()) return json;
    }
    return {};
}

}  // namespace rightplace::audit
