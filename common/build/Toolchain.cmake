# Lean builds on small machines: ccache and mold where they are present.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(spdlog REQUIRED)
find_package(Catch2 2 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zmq REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)  # its CMake file is broken in Debian 12
pkg_check_modules(msgpack REQUIRED IMPORTED_TARGET msgpack)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
find_package(nlohmann_json REQUIRED)
find_package(pugixml REQUIRED)

add_library(rp_warnings INTERFACE)
target_compile_options(rp_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                       -Wimplicit-fallthrough -Werror -fPIC -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_CXX_FLAGS MATCHES "-O2")
  # g++ 12 sees overruns in std::string where there are none (GCC bug 105651); the sanitised build keeps both.
  target_compile_options(rp_warnings INTERFACE -Wno-array-bounds -Wno-restrict)
endif()
