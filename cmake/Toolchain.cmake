# Compiler, warnings, sanitizers, ccache: what holds for every target of ours.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()

add_library(daybook_options INTERFACE)
target_compile_options(daybook_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Werror
  -fstack-protector-strong -fno-omit-frame-pointer
  $<$<CXX_COMPILER_ID:GNU>:-fcoroutines -Wno-maybe-uninitialized -Wno-mismatched-new-delete>)
target_compile_definitions(daybook_options INTERFACE
  _GLIBCXX_ASSERTIONS
  BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_SEPARATE_COMPILATION
  DAYBOOK_VERSION="${PROJECT_VERSION}")
target_link_options(daybook_options INTERFACE -Wl,--no-undefined -Wl,-z,relro,-z,now)

if(DAYBOOK_UNSAFE_NO_SYNC)
  target_compile_definitions(daybook_options INTERFACE DAYBOOK_UNSAFE_NO_SYNC)
endif()

if(DAYBOOK_SANITIZE)
  add_compile_options(-fsanitize=${DAYBOOK_SANITIZE} -fno-sanitize-recover=all)
  if(DAYBOOK_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # g++ says of each of Asio's fences that it does not model them; the locks around them it does.
    add_compile_options(-Wno-tsan)
  endif()
  add_link_options(-fsanitize=${DAYBOOK_SANITIZE})
endif()
