// What a party asks of the store or of a journal, as far as troubles lie in wait for it.
#pragma once

namespace rightplace::sim {

enum class Call { other, commit, restore, open, beat, append };
constexpr int calls = int(Call::append) + 1;
inline const char* name(Call call) {
    constexpr const char* names[calls] = {"other", "commit", "restore", "open", "beat", "append"};
    return names[int(call)];
}

}  // namespace rightplace::sim
