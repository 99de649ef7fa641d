// The FileDescriptorSet of every message this program knows, generated at build. A journal keeps each
// one it was written under, so that it can be read without this source.
#pragma once

#include <string_view>

namespace rightplace::audit {

std::string_view descriptor_set();

}  // namespace rightplace::audit
