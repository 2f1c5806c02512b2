// SPDX-License-Identifier: Apache-2.0
// The body of crash_point() in `daybook_crashing`: the server that kills itself, for tests only.
//
// DAYBOOK_CRASH_AT=name:n dies, as by kill -9, when that place is reached for the n-th time.
#include "daybook/core/crash_point.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace daybook {
namespace {

struct Target {
  std::string name;
  long hits = 1;
};

Target read_target() {
  const char* text = std::getenv("DAYBOOK_CRASH_AT");
  if (text == nullptr) return {};
  const std::string at = text;
  const std::size_t colon = at.find(':');
  if (colon == std::string::npos) return {at, 1};
  return {at.substr(0, colon), std::strtol(at.c_str() + colon + 1, nullptr, 10)};
}

}  // namespace

void crash_point(std::string_view name) {
  static const Target target = read_target();
  static std::atomic<long> hits{0};
  if (name != target.name || ++hits != target.hits) return;
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

}  // namespace daybook
