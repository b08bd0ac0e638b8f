# Compiler settings that every target of the project shares, on one interface target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(KATIP_WERROR "Treat warnings as errors" OFF)
option(KATIP_FUZZ "Build the fuzz targets with libFuzzer instead of the corpus replay" OFF)
set(KATIP_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined or thread)")
option(KATIP_COVERAGE "Instrument for coverage" OFF)
option(KATIP_PRECOMPILE "Precompile the headers that nearly every file includes" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # Paths below the repository do not count: every copy of it shares what one has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1)
  if(KATIP_PRECOMPILE)  # What ccache wants to be told before it keeps such files.
    list(APPEND CMAKE_CXX_COMPILER_LAUNCHER CCACHE_SLOPPINESS=pch_defines,time_macros)
  endif()
  list(APPEND CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(katip_options INTERFACE)
target_include_directories(katip_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(katip_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${KATIP_WERROR}>:-Werror>
  $<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The statement expression of KATIP_TRY is marked by __extension__, which clang still reports.
  target_compile_options(katip_options INTERFACE -Wno-gnu-statement-expression)
  target_link_options(katip_options INTERFACE -fuse-ld=lld-19)
endif()
if(KATIP_SANITIZE)
  target_compile_options(katip_options INTERFACE
    -fsanitize=${KATIP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(katip_options INTERFACE -fsanitize=${KATIP_SANITIZE})
endif()
if(KATIP_FUZZ)
  target_compile_options(katip_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(KATIP_COVERAGE)
  target_compile_options(katip_options INTERFACE --coverage)
  target_link_options(katip_options INTERFACE --coverage)
endif()
