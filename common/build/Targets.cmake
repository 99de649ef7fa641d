# One call per part. Every part is a library; programs and tests link the same ones.

# rp_library(NAME SOURCES ... LINKS ...)
function(rp_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE rp_warnings)
  if(TARGET rp_pch)
    target_precompile_headers(${name} REUSE_FROM rp_pch)
    target_link_libraries(${name} PUBLIC rp_messages)
  endif()
endfunction()

# g++ 12 at -O2 sees overruns in a std::string held by a std::variant where there are none (GCC bug 105651).
function(rp_false_overruns target)
  if(CMAKE_CXX_FLAGS MATCHES "-O2")
    target_compile_options(${target} PRIVATE -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endfunction()

# rp_service(NAME SOURCES main.cpp LINKS ...): a program, placed in bin/
function(rp_service name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} rp_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# Only the files that name SOURCE_DIR or BINARY_DIR are told them, so that ccache serves the others to any checkout.
function(rp_paths)
  foreach(source ${ARGN})
    file(STRINGS ${source} uses REGEX "SOURCE_DIR|BINARY_DIR|bars_files.hpp|shipped_policy.hpp" LIMIT_COUNT 1)
    if(uses)
      set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS
        "SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\";BINARY_DIR=\"${CMAKE_BINARY_DIR}\"")
    endif()
  endforeach()
endfunction()

# rp_test(NAME SOURCES ... LINKS ...): a Catch2 program in tests-bin/, run by tests/run. Its tier is its folder:
# below tests/unit the program is called unit_NAME, whether NAME says so or not.
function(rp_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} rp_catch_main rp_warnings)
  rp_paths(${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests-bin)
  get_filename_component(tier ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  if(NOT name MATCHES "^${tier}_")
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${tier}_${name})
  endif()
endfunction()
