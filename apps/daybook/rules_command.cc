// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>

#include "daybook/kestra/rules.h"

#include "commands.h"
#include "output.h"

namespace daybook::app {
namespace {

using record::Json;

constexpr std::size_t kFileBytesMax = 8U << 20U;

Result<std::string> read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{.code = Errc::io, .context = "cannot be opened", .path = file};
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kFileBytesMax)
    return Error{.code = Errc::exhausted, .context = "is larger than 8 MiB", .path = file};
  return text;
}

Result<std::shared_ptr<const kestra::Rules>> load(const std::string& file) {
  if (file.empty())
    return std::shared_ptr<const kestra::Rules>(std::shared_ptr<const kestra::Rules>(),
                                                &kestra::Rules::builtin());
  DAYBOOK_ASSIGN_OR_RETURN(const std::string text, read_text(file));
  auto rules = kestra::Rules::parse(text);
  if (!rules) {
    rules.error().path = file;
    return rules.error();
  }
  return std::shared_ptr<const kestra::Rules>(*std::move(rules));
}

const char* word(kestra::Level level) {
  switch (level) {
    case kestra::Level::none:
      return "none";
    case kestra::Level::metadata:
      return "metadata";
    case kestra::Level::change:
      return "change";
    case kestra::Level::body:
      return "body";
  }
  return "";
}

const char* word(kestra::Bulk bulk) {
  switch (bulk) {
    case kestra::Bulk::no:
      return "no";
    case kestra::Bulk::ids:
      return "ids";
    case kestra::Bulk::objects:
      return "objects";
    case kestra::Bulk::query:
      return "query";
    case kestra::Bulk::file:
      return "file";
    case kestra::Bulk::yaml_multi:
      return "yaml_multi";
  }
  return "";
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
          {"level", word(what.level)},
          {"mode", what.mode == kestra::Mode::strict ? "strict" : "available"},
          {"changes", what.changes},
          {"bulk", word(what.bulk)},
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
    auto text = read_text(test.body);
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
