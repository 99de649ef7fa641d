// Reads a scenario's values within their bounds; remembers the first thing that is wrong.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "messages/triage.pb.h"

namespace rightplace::sim {

struct Range {
    std::int64_t least = 0;
    std::int64_t most = 0;
};

class Reader {
   public:
    explicit Reader(const nlohmann::json& from) : from_(from) {}
    bool has(const std::string& path) const { return at(path) != nullptr; }
    std::int64_t whole(const std::string& path, std::int64_t least, std::int64_t most);
    Range range(const std::string& path, std::int64_t least, std::int64_t most);
    std::string text(const std::string& path);
    std::string hub();  // one of the simulated hubs
    // An object of whole numbers by pathway.
    std::map<triage::Pathway, std::int64_t> by_pathway(const std::string& path, std::int64_t most);
    std::size_t entries(const std::string& path);  // of an array that is not empty

    void complain(const std::string& what);
    const std::string& wrong() const { return wrong_; }

   private:
    const nlohmann::json* at(const std::string& path) const;
    const nlohmann::json& from_;
    std::string wrong_;
};

}  // namespace rightplace::sim
