// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <cstdio>
#include <string>

namespace daybook::app {

void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

int report(const Error& error) {
  const std::string where = error.path.empty() ? "" : error.path + ": ";
  std::fprintf(stderr, "daybook: %s%s\n", where.c_str(), error.context.c_str());
  switch (error.code) {
    case Errc::invalid:
    case Errc::unsupported:
      return exit_bad_use;
    case Errc::exists:
    case Errc::not_found:
    case Errc::denied:
      return exit_no;
    default:
      return exit_cannot_run;
  }
}

}  // namespace daybook::app
