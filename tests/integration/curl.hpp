// A stock client at the stack's BaRS door: the curl program, one process for each request.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/integration/stack.hpp"

namespace rightplace::testing {

struct Curled {
    int status = 0;
    std::string head, body;
    std::int64_t took_ms = 0;

    bool has(const std::string& header) const { return head.find("\r\n" + header + "\r\n") != std::string::npos; }
    bool echoes() const;  // both ids, as every answer must
    nlohmann::json parsed() const { return nlohmann::json::parse(body); }
    std::string code() const { return parsed()["issue"][0]["code"]; }
};

// Its ids are always sent; `more` is whatever else curl is told. Throws when there is no answer in 20 seconds, or one
// that does not echo them.
class Curl {
   public:
    explicit Curl(Stack& stack) : stack_(stack) {}

    Curled get(const std::string& path, const std::string& more = "") const;     // from the root
    Curled get_r4(const std::string& path, const std::string& more = "") const;  // below /FHIR/R4/
    Curled post(const std::string& body, const std::string& type, const std::string& more = "") const;

    std::string request_id;  // empty: a new one each time
    bool with_target = true;

   private:
    Curled run(const std::string& words) const;

    Stack& stack_;
};

std::string service_request_id(const nlohmann::json& bundle);
// Words for curl: a header of BaRS with JSON in base64, and the one that names the organisation that asks.
std::string header(const std::string& name, const std::string& json_text);
std::string organisation(const std::string& ods);

}  // namespace rightplace::testing
