# cmake -DIN=file -DOUT=file.cpp -P embed.cmake: the bytes of IN as rightplace::audit::descriptor_set().
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "#include \"services/audit/shell/descriptors.hpp\"
namespace rightplace::audit {
namespace { constexpr unsigned char set[] = {${bytes}}; }
std::string_view descriptor_set() { return {reinterpret_cast<const char*>(set), sizeof set}; }
}
")
