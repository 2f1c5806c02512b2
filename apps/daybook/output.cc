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

namespace {

void print_error(const Error& error) {
  const std::string where = error.path.empty() ? "" : error.path + ": ";
  std::fprintf(stderr, "daybook: %s%s\n", where.c_str(), error.context.c_str());
}

}  // namespace

int report_cannot_run(const Error& error) {
  print_error(error);
  const bool bad_use = error.code == Errc::invalid || error.code == Errc::unsupported;
  return bad_use ? exit_bad_use : exit_cannot_run;
}

int report(const Error& error) {
  print_error(error);
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
