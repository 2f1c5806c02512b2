// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace daybook {

// A named place where a crash must do no harm. Does nothing: only the test program
// `daybook_crashing` (tests/faults/crash_point.cc) has another body, which kills the process there.
// tests/faults/crash_points.py finds the names in the sources and hits each one under load.
void crash_point(std::string_view name);

}  // namespace daybook
