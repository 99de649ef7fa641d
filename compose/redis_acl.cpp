// redis_acl DIR: prints Redis's ACL file for the passwords in DIR/service.password and DIR/audit.password.
#include <cstdio>
#include <fstream>
#include <string>

#include "common/store/users.hpp"

namespace {

constexpr std::size_t shortest_password = 32;  // signs

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace rightplace::store;
    const std::string folder = argc == 2 ? argv[1] : "";
    const auto password = [&](std::string_view user) {
        return first_line(folder + "/" + std::string(user) + ".password");
    };
    const auto service = password(service_user), audit = password(audit_user);
    if (service.size() < shortest_password || audit.size() < shortest_password) {
        std::fprintf(stderr, "redis_acl: no password of %zu signs in %s\n", shortest_password, folder.c_str());
        return 1;
    }
    std::fputs(acl_file(service, audit).c_str(), stdout);
}
