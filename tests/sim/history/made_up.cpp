#include "tests/sim/history/made_up.hpp"

#include <string>

#include "common/base/invariant.hpp"

namespace rightplace::sim {
namespace {

constexpr std::size_t people_most = 500'000;

std::string padded(std::size_t number, std::size_t digits) {
    const auto text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

// 999 000 0000 to 999 999 9999, with its check digit (NHS Data Dictionary: weights 10 to 2, modulus 11).
std::string never_issued_number(std::size_t number) {
    for (std::size_t nth = number * 2;; ++nth) {  // of two in a row one always has a check digit
        const auto nine = "999" + padded(nth, 6);
        int sum = 0, weight = 10;
        for (const char digit : nine) sum += (digit - '0') * weight--;
        const int check = (11 - sum % 11) % 11;
        if (check != 10) return nine + std::to_string(check);
    }
}

}  // namespace

intake::Person made_up_person(std::size_t number) {
    INVARIANT(number < people_most);
    intake::Person person;
    person.set_nhs_number(never_issued_number(number));
    person.set_nhs_number_status("01");  // present and verified, as a crew's tablet would say
    person.set_name("Simulated Testcase-" + std::to_string(number));
    person.set_birth_date(std::to_string(1930 + number % 70) + "-01-01");
    person.set_gender(number % 2 == 0 ? "female" : "male");
    person.set_address(std::to_string(1 + number % 99) + " Madeup Lane, Nowhere, ZZ99 3WZ");
    auto& contact = *person.add_contacts();
    contact.set_rank(1);
    contact.set_relationship("patient");
    contact.set_name(person.name());
    auto& method = *contact.add_methods();
    method.set_system("phone");
    method.set_value("07700 900" + padded(number % 1'000, 3));
    method.set_use("mobile");
    method.set_rank(1);
    return person;
}

Sealed sealed_bytes(const std::string& key_id) {
    Sealed text;
    text.set_key_id(key_id);
    text.set_nonce(std::string(24, 'n'));
    text.set_ciphertext(std::string(40, 'c'));
    return text;
}

}  // namespace rightplace::sim
