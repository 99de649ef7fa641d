# Writes the parts of the function library into one C++ constant: cmake -DPARTS=a,b -DOUT=x.cpp -P embed.cmake
string(REPLACE "," ";" parts "${PARTS}")
set(text "")
foreach(part ${parts})
  file(READ ${part} content)
  string(APPEND text "${content}\n")
endforeach()
file(WRITE ${OUT} "namespace rightplace::store {
extern const char* const hub_lua;
const char* const hub_lua = R\"hub_lua(${text})hub_lua\";
}  // namespace rightplace::store
")
