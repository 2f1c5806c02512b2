// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>
#include <utility>

#include "daybook/record/json.h"

#include "api_answer.h"
#include "http_json.h"
#include "output.h"
#include "terminal_commands.h"

namespace daybook::app {
namespace {

using record::Json;

// `90s`, `15m`, `24h`, `30d`; 0 needs no unit.
std::optional<std::uint64_t> seconds_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::uint64_t kMax = 1'000'000'000;
  if (failure != std::errc() || value > kMax) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit == "s" || (unit.empty() && value == 0)) return value;
  if (unit == "m") return value * 60;
  if (unit == "h") return value * 3600;
  if (unit == "d") return value * 86'400;
  return std::nullopt;
}

net::Task<int> rotate(Session& session, std::uint64_t overlap_seconds, bool json) {
  net::RequestHead head = session.head("POST", "/api/v1/signing-key/rotate");
  head.headers.add("Content-Type", "application/json");
  std::string body = Json{{"overlapSeconds", overlap_seconds}}.dump();
  const auto answer = co_await session.call(std::move(head), std::move(body));
  if (!answer) co_return report_cannot_run(answer.error());
  if (answer->head.status != 201) co_return report(error_of(*answer));
  const auto made = record::parse_json(answer->body);
  if (!made || !made->is_object()) {
    co_return report_cannot_run({.code = Errc::unavailable, .context = "no daybook answers there"});
  }
  if (json) {
    print_line(made->dump());
    co_return exit_good;
  }
  for (const char* name : {"oldKey", "newKey", "bothUntil"}) {
    const std::string value = made->value(name, "");
    print_line(std::string(name) + std::string(11 - std::string_view(name).size(), ' ') + value);
  }
  print_line("Give the new key to everybody who holds the old one: auditors, witnesses.");
  co_return exit_good;
}

}  // namespace

int rotate_key(const KeyRequest& request) {
  const auto seconds = seconds_of(request.overlap);
  if (!seconds) {
    return report({.code = Errc::invalid,
                   .context = "expected a time such as 30d or 12h",
                   .path = "--overlap"});
  }
  return in_session(request.where,
                    [&](Session& session) { return rotate(session, *seconds, request.json); });
}

}  // namespace daybook::app
