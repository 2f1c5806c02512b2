// SPDX-License-Identifier: Apache-2.0
#include "sockets.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace daybook::app {
namespace {

constexpr int kFirstDescriptor = 3;  // SD_LISTEN_FDS_START.

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

Result<std::string> resolve_listener(const std::string& endpoint) {
  constexpr std::string_view kPrefix = "systemd:";
  if (!endpoint.starts_with(kPrefix)) return endpoint;
  const auto wanted = std::string_view(endpoint).substr(kPrefix.size());
  const int count = number(environment("LISTEN_FDS")).value_or(0);
  if (number(environment("LISTEN_PID")) != ::getpid() || count <= 0) {
    return Error{.code = Errc::not_found,
                 .context = "systemd has handed over no sockets to this process",
                 .path = endpoint};
  }
  std::string_view names = environment("LISTEN_FDNAMES");
  for (int i = 0; i < count; ++i) {
    const auto end = std::min(names.find(':'), names.size());
    if (names.substr(0, end) == wanted) return "fd:" + std::to_string(kFirstDescriptor + i);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return Error{.code = Errc::not_found,
               .context = "systemd has handed over no socket of this name",
               .path = endpoint};
}

}  // namespace daybook::app
