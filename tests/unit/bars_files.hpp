// The published BaRS examples, read in place where they are at hand.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace rightplace::bars_files {

inline const std::filesystem::path examples = std::filesystem::path(SOURCE_DIR).parent_path() / "shared/examples";

inline bool present() {
    if (std::filesystem::is_directory(examples)) return true;
    std::cout << "skipped: ../shared absent\n";
    return false;
}

inline std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::filesystem::path> all(const std::string& folder, const std::string& extension) {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(examples / folder)) {
        if (entry.path().extension() == extension) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace rightplace::bars_files
