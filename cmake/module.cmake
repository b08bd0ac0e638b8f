# ThreadSanitizer does not see into OpenVINO, so it only gets the modules that never enter it: their
# tests carry the label tsan too. Of engine it gets the batch (src/engine/CMakeLists.txt).
set(KATIP_TSAN_MODULES base audio text remote jobs http)

# katip_module(NAME LINK <public targets> PRIVATE <private targets> TEST_LINK <targets>
#              EXCLUDE <regex>)
#
# One folder of src/ becomes one static library katip_NAME from its *.cc files (sub-folders
# included) and one test program katip_NAME_test from its *_test.cc files. Every file is found by
# pattern, so none can be left out; *_main.cc is for programs, which the folder adds by itself.
# EXCLUDE names sub-folders with a CMakeLists.txt of their own.
function(katip_module NAME)
  cmake_parse_arguments(ARG "" "EXCLUDE" "LINK;PRIVATE;TEST_LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX ${ARG_EXCLUDE})
  endif()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_main)\\.cc$")
  if(NOT sources)  # a header or two for now
    add_library(katip_${NAME} INTERFACE)
    target_link_libraries(katip_${NAME} INTERFACE katip_options ${ARG_LINK})
    return()
  endif()
  add_library(katip_${NAME} STATIC ${sources})
  target_link_libraries(katip_${NAME} PUBLIC katip_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  katip_precompile(katip_${NAME})
  if(tests)
    set(labels unit)
    if(NAME IN_LIST KATIP_TSAN_MODULES)
      list(APPEND labels tsan)
    endif()
    katip_test(katip_${NAME}_test LABEL ${labels} SOURCES ${tests}
               LINK katip_${NAME} ${ARG_PRIVATE} ${ARG_TEST_LINK})
  endif()
endfunction()

# katip_test(NAME LABEL <unit|tsan|model|slow ...> SOURCES <files> LINK <targets>)
function(katip_test NAME)
  cmake_parse_arguments(ARG "" "" "LABEL;SOURCES;LINK" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE katip_options ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${NAME} PRIVATE KATIP_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # Not optimised: most of the time that a test takes is that of compiling it.
  target_compile_options(${NAME} PRIVATE -Wno-conversion $<$<CONFIG:RelWithDebInfo>:-O0>)
  katip_precompile(${NAME} <gtest/gtest.h>)
  add_test(NAME ${NAME} COMMAND ${NAME})
  set_tests_properties(${NAME} PROPERTIES LABELS "${ARG_LABEL}")
  if(KATIP_SANITIZE)
    # TBB loads its helper in a way that sanitizers refuse, unless it is told of them.
    set_tests_properties(${NAME} PROPERTIES ENVIRONMENT "TBB_ENABLE_SANITIZERS=1")
  endif()
  foreach(label ${ARG_LABEL})
    set_property(GLOBAL APPEND PROPERTY KATIP_TESTS_${label} ${NAME})
  endforeach()
endfunction()

# katip_precompile(TARGET <header>...): with KATIP_PRECOMPILE, the standard headers that nearly
# every file includes, and those named, are read once for all files of the target. The presets of
# the sanitizers do so: a fifth of the time that they compile. The others do not, so that a file
# that lacks an include is found, and ccache serves more than one copy of the repository.
function(katip_precompile TARGET)
  if(NOT KATIP_PRECOMPILE)
    return()
  endif()
  target_precompile_headers(${TARGET} PRIVATE
    <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <deque> <expected>
    <filesystem> <functional> <map> <memory> <mutex> <optional> <ranges> <set> <span> <string>
    <string_view> <thread> <unordered_map> <utility> <variant> <vector> <fmt/format.h> ${ARGN})
  # The same bytes each time, for ccache.
  target_compile_options(${TARGET} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endfunction()
