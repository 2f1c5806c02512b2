# daybook_module(name SOURCES … HEADERS … [DEPS …] [EXTERNAL …] [PRIVATE_EXTERNAL …] [TESTS …])
#
# One library per folder of src/. The tier table (Tiers.cmake) is the architecture: a module may
# depend only on modules of a strictly lower tier, so that data flows one way
# (capture → ledger → search → api) and siblings never see each other.
#
#   SOURCES, HEADERS   listed by hand; public headers live in include/daybook/<name>/
#   DEPS               modules that the public headers or sources use
#   EXTERNAL           third-party targets that public headers need
#   PRIVATE_EXTERNAL   third-party targets that only sources need
#   TESTS              tests/*_test.cc; a test file that is not listed is a configure error
#   TEST_DEPS          further targets that only the tests need (e.g. daybook::core_testing)

include(${CMAKE_CURRENT_LIST_DIR}/Tiers.cmake)

function(daybook_module name)
  cmake_parse_arguments(PARSE_ARGV 1 M "" ""
    "SOURCES;HEADERS;DEPS;EXTERNAL;PRIVATE_EXTERNAL;TESTS;TEST_DEPS")
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "daybook_module(${name}): unknown arguments ${M_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT DEFINED _tier_${name})
    message(FATAL_ERROR "module ${name} has no tier in cmake/Tiers.cmake")
  endif()
  foreach(dep IN LISTS M_DEPS)
    if(NOT DEFINED _tier_${dep} OR NOT _tier_${dep} LESS _tier_${name})
      message(FATAL_ERROR "${name} (tier ${_tier_${name}}) must not depend on ${dep} (tier ${_tier_${dep}})")
    endif()
  endforeach()

  add_library(daybook_${name} ${M_SOURCES})
  add_library(daybook::${name} ALIAS daybook_${name})
  target_sources(daybook_${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${M_HEADERS})
  target_include_directories(daybook_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  set_target_properties(daybook_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  list(TRANSFORM M_DEPS PREPEND daybook::)
  target_link_libraries(daybook_${name} PUBLIC ${M_DEPS} ${M_EXTERNAL}
    PRIVATE daybook_options ${M_PRIVATE_EXTERNAL})

  _daybook_check_tests(${name} "${M_TESTS}")
  if(M_TESTS AND DAYBOOK_TESTS)
    add_executable(${name}_tests ${M_TESTS})
    target_link_libraries(${name}_tests PRIVATE daybook::${name} daybook_options ${M_TEST_DEPS}
      ${M_PRIVATE_EXTERNAL} GTest::gtest GTest::gmock GTest::gtest_main)
    target_include_directories(${name}_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_compile_definitions(${name}_tests PRIVATE
      DAYBOOK_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
    add_test(NAME ${name} COMMAND ${name}_tests)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 600)
  endif()
endfunction()

function(_daybook_check_tests name listed)
  file(GLOB present RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} tests/*_test.cc)
  foreach(file IN LISTS present)
    if(NOT file IN_LIST listed)
      message(FATAL_ERROR "src/${name}/${file} is in no TESTS list: it would never run")
    endif()
  endforeach()
endfunction()

# daybook_testing(name SOURCES … HEADERS …): fakes and builders of a module, for tests only.
function(daybook_testing name)
  cmake_parse_arguments(PARSE_ARGV 1 M "" "" "SOURCES;HEADERS")
  if(NOT DAYBOOK_TESTS)
    return()
  endif()
  add_library(daybook_${name}_testing ${M_SOURCES})
  add_library(daybook::${name}_testing ALIAS daybook_${name}_testing)
  target_sources(daybook_${name}_testing PUBLIC FILE_SET HEADERS BASE_DIRS testing/include FILES ${M_HEADERS})
  target_link_libraries(daybook_${name}_testing PUBLIC daybook::${name} PRIVATE daybook_options)
endfunction()
