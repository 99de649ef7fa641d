// Result: what can be expected to fail. Bugs are not results: see invariant.hpp.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "common/base/invariant.hpp"

namespace rightplace {

template <typename E>
struct Failure {
    E error;
};

template <typename E>
Failure(E) -> Failure<E>;

template <typename T, typename E>
class [[nodiscard]] Result {
   public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Failure<E> failure) : held_(std::in_place_index<1>, std::move(failure.error)) {}

    bool ok() const { return held_.index() == 0; }
    explicit operator bool() const { return ok(); }

    const T& value() const {
        INVARIANT(ok());
        return std::get<0>(held_);
    }
    T& value() {
        INVARIANT(ok());
        return std::get<0>(held_);
    }
    const E& error() const {
        INVARIANT(!ok());
        return std::get<1>(held_);
    }

   private:
    std::variant<T, E> held_;
};

}  // namespace rightplace
