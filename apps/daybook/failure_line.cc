// SPDX-License-Identifier: Apache-2.0
#include "failure_line.h"

#include <fmt/format.h>

namespace daybook::app {

std::string failure_line(const ledger::VerifyFailure& failure) {
  std::string where = failure.file;
  if (failure.offset) where += fmt::format(" offset {}", *failure.offset);
  if (failure.index) where += fmt::format(" entry {}", *failure.index);
  return fmt::format("failure   {}: {}", where, failure.what);
}

}  // namespace daybook::app
