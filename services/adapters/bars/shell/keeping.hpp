// Responses that are received. One to a request for validation that this hub's people sent: read, kept with their case
// under its key, and people are told. One to a referral, which was never sent from here: kept all the same.
#pragma once

#include <memory>
#include <string>

#include "services/adapters/bars/domain/response_reading.hpp"
#include "services/adapters/bars/shell/changing.hpp"

namespace rightplace::bars {

class Keeping {
   public:
    explicit Keeping(Changing::Outside outside) : outside_(std::move(outside)) {}

    void keep(const VisitPtr& visit, ValidationRequest response);

   private:
    struct Heard {
        VisitPtr visit;
        ValidationRequest response;
        int looks = 0;
        SentRequest sent;
    };
    using HeardPtr = std::shared_ptr<Heard>;

    void look(const HeardPtr& heard);
    void nobody_asked(const HeardPtr& heard);
    void read(const HeardPtr& heard, const SentRequest& sent);
    void keep_unasked(const HeardPtr& heard);
    void ask(const HeardPtr& heard, const NamedKey& key);

    Changing::Outside outside_;
    Alive alive_;
};

}  // namespace rightplace::bars
