# Groups of test programs that tools/run_tests and the Makefile build, and the check of the format.
get_property(unit_tests GLOBAL PROPERTY KATIP_TESTS_unit)
get_property(tsan_tests GLOBAL PROPERTY KATIP_TESTS_tsan)
add_custom_target(unit_tests DEPENDS ${unit_tests})
add_custom_target(tsan_checks DEPENDS ${tsan_tests})
add_custom_target(asan_checks DEPENDS ${unit_tests} fuzzers)

add_test(NAME format COMMAND ${CMAKE_SOURCE_DIR}/tools/check_format)
set_tests_properties(format PROPERTIES LABELS tidy)
