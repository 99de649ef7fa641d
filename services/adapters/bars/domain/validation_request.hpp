// A message that is received (BaRS Application 4: a4t1, a4t2, a4t3; referrals of Applications 1, 2 and 3), judged and
// mapped. Order of the checks: BaRS application 4 and the national kit's tests, see checks.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/headers.hpp"
#include "services/adapters/bars/domain/problem.hpp"

namespace rightplace::bars {

struct Judging {
    std::string hub;
    TimeMs now = 0;
    std::string site = {};  // whose service was asked; empty: the hub's own
};

// The names and free text of the message are in `person` and nowhere else. Of an update or a cancellation `facts` and
// `person` are what the message says by itself; what the case comes to is changes.hpp's.
struct ValidationRequest {
    Kind kind = Kind::fresh;
    bool referral = false;  // the patient is handed over to us; else we are asked for advice
    std::string case_id;    // of a new one
    intake::CaseFacts facts;
    intake::Person person;  // for the caller to seal
    intake::ReplyTo reply_to;
    intake::Exchange exchange;  // ids, body hash, content type; the sealed bytes are the caller's to add
    SharedTree bundle;          // as received
};

// `body` is the bytes as they came (after Content-Encoding). The headers must have passed check_headers.
Result<ValidationRequest, Problems> judge_request(std::string_view body, const RequestHeaders& headers,
                                                  const Judging& judging);

// Of a message whose headers have these problems: those, and then what it would be refused for besides. Where a header
// leaves the body or the format of the answer unknown (415, 406), those alone.
Problems with_those_of_content(Problems of_headers, std::string_view body, const RequestHeaders& headers);

// A referral's case is answered to nobody later, and no watch gives it back: by its protocol in ReplyTo.
inline constexpr const char* validation_protocol = "bars";
inline constexpr const char* referral_protocol = "bars-referral";

std::string case_id_of(std::string_view hub, std::string_view bundle_id);  // same message, same case

}  // namespace rightplace::bars
