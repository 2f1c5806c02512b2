// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/diagnostics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "daybook/core/clock.h"
#include "daybook/core/utf8.h"

namespace daybook {
namespace {

// Longer texts are cut: one line is written by one call, so that lines of threads never mix.
constexpr std::size_t kTextBytesMax = 4096;

std::atomic<Severity> minimum_severity{Severity::info};

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::debug:
      return "debug";
    case Severity::info:
      return "info";
    case Severity::warn:
      return "warn";
    case Severity::error:
      return "error";
  }
  return "error";
}

void append_escaped(std::string& out, std::string_view text) {
  const bool well_formed = is_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && has_control(text.substr(i, 2));
    if (byte < 0x20 || byte == 0x7f || c1 || (byte >= 0x80 && !well_formed)) {
      out += fmt::format("\\x{:02x}", byte);
      if (c1) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      out.push_back(text[i]);
    }
  }
}

}  // namespace

void set_minimum_severity(Severity severity) {
  minimum_severity = severity;
}

void diagnose(Severity severity, std::string_view module, std::string_view text) {
  if (severity < minimum_severity.load(std::memory_order_relaxed)) return;
  std::string line =
      fmt::format("{} {} {}: ", format_time(system_clock().now()), name_of(severity), module);
  append_escaped(line, text.substr(0, kTextBytesMax));
  if (text.size() > kTextBytesMax) line += " [cut]";
  line.push_back('\n');
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t wrote = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;  // Nobody is left to tell.
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

}  // namespace daybook
