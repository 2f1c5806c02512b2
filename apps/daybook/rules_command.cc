// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "daybook/capture/rule_book.h"
#include "daybook/kestra/rules.h"

#include "commands.h"
#include "output.h"

namespace daybook::app {
namespace {

using record::Json;

constexpr std::size_t kBodyBytesMax = 8U << 20U;

// A pipe too.
Result<std::string> read_body(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{.code = Errc::io, .context = "cannot be opened", .path = file};
  std::string text(kBodyBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kBodyBytesMax)
    return Error{.code = Errc::exhausted, .context = "is larger than 8 MiB", .path = file};
  return text;
}

// As the server takes them; built in if no file is named.
Result<std::shared_ptr<const kestra::Rules>> load(const std::string& file) {
  std::optional<std::filesystem::path> path;
  if (!file.empty()) path = file;
  DAYBOOK_ASSIGN_OR_RETURN(const auto book, capture::RuleBook::open(std::move(path)));
  return book->now();
}

Json optional_text(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

// What the gateway would make of the request if Kestra said 200 to it without a body.
Json describe(const kestra::Rules& rules, const RulesTest& test,
              const std::optional<std::string>& body) {
  const std::string_view target(test.path);
  const auto mark = std::min(target.find('?'), target.size());
  const kestra::RequestView view{test.method, target.substr(0, mark),
                                 target.substr(std::min(mark + 1, target.size()))};
  const kestra::Classification what = rules.classify(view);
  kestra::Captured captured;
  captured.request_content_type = test.content_type;
  if (body) captured.request_body = *body;
  captured.status = 200;
  const kestra::Interpretation content = rules.interpret(view, what, captured);
  Json touched = Json::array();
  for (const auto& object : content.touched)
    touched.push_back({{"action", object.action}, {"detail", object.detail}});
  return {{"version", rules.version()},
          {"rule", what.rule},
          {"known", what.known},
          {"resource", what.resource},
          {"action", what.action},
          {"absentAction", optional_text(what.absent_action)},
          {"tenant", what.tenant},
          {"level", kestra::to_string(what.level)},
          {"mode", kestra::to_string(what.mode)},
          {"changes", what.changes},
          {"bulk", kestra::to_string(what.bulk)},
          {"open", what.opens_without_login},
          {"reasonRequired", what.reason_required},
          {"shownPath", what.shown_path},
          {"before", optional_text(what.before_target)},
          {"after", optional_text(what.after_target)},
          {"detail", content.detail},
          {"objects", std::move(touched)}};
}

}  // namespace

int check_rules(const std::string& file, bool json) {
  const auto rules = load(file);
  if (!rules) {
    if (json && rules.error().code == Errc::invalid)
      print_line(Json{{"ok", false}, {"message", rules.error().context}}.dump());
    static_cast<void>(report(rules.error()));
    return rules.error().code == Errc::invalid ? exit_no : exit_cannot_run;
  }
  if (json) {
    print_line(
        Json{{"ok", true}, {"version", (*rules)->version()}, {"rules", (*rules)->size()}}.dump());
  } else {
    print_line(fmt::format("good: version {}, {} rules", (*rules)->version(), (*rules)->size()));
  }
  return exit_good;
}

int test_rules(const RulesTest& test, bool json) {
  const auto rules = load(test.rules);
  if (!rules) return report_cannot_run(rules.error());
  std::optional<std::string> body;
  if (!test.body.empty()) {
    auto text = read_body(test.body);
    if (!text) return report_cannot_run(text.error());
    body = *std::move(text);
  }
  const Json told = describe(**rules, test, body);
  if (json) {
    print_line(told.dump(-1, ' ', false, Json::error_handler_t::replace));
    return exit_good;
  }
  for (const auto& [name, value] : told.items()) {
    if (value.is_null() || (value.is_array() && value.empty())) continue;
    print_line(fmt::format("{:<15} {}", name,
                           value.is_string()
                               ? value.get<std::string>()
                               : value.dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
  return exit_good;
}

}  // namespace daybook::app
