// SPDX-License-Identifier: Apache-2.0
#include "filter_words.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "daybook/core/percent.h"

namespace daybook::terminal {
namespace {

Error bad(std::string path, std::string text) {
  return {.code = Errc::invalid, .context = std::move(text), .path = std::move(path)};
}

// `filters[…]` names end at `]=`: a map key may hold an equals sign.
Status add_argument(const std::string& argument, query::Params& out) {
  if (argument.starts_with('?')) {
    for (auto& pair : parse_query(std::string_view(argument).substr(1)))
      out.push_back(std::move(pair));
    return {};
  }
  const bool bracketed = argument.starts_with("filters[") || argument.starts_with("details[");
  const auto bracket = argument.find("]=");
  const auto equals = bracketed && bracket != std::string::npos ? bracket + 1 : argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    return bad(argument,
               "a filter is name=value, such as namespace=company.team, q=words or "
               "'filters[type][IN]=CREATE,UPDATE'; for words in the text: --text");
  }
  out.emplace_back(argument.substr(0, equals), argument.substr(equals + 1));
  return {};
}

// One value as EQUALS, several as IN, which separates by commas.
Status add_list(const char* option, const char* field, const std::vector<std::string>& values,
                query::Params& out) {
  if (values.empty()) return {};
  if (values.size() == 1) {
    out.emplace_back(fmt::format("filters[{}][EQUALS]", field), values.front());
    return {};
  }
  std::string list;
  for (const auto& value : values) {
    if (value.find(',') != std::string::npos)
      return bad(option, "a value with a comma can only stand alone");
    list += (list.empty() ? "" : ",") + value;
  }
  out.emplace_back(fmt::format("filters[{}][IN]", field), std::move(list));
  return {};
}

Status add_moment(const char* option, const char* parameter, const std::string& text, Zone zone,
                  Edge edge, UnixMillis now, query::Params& out) {
  if (text.empty()) return {};
  const auto time = parse_moment(text, zone, edge, now);
  if (!time) return bad(option, time.error().context);
  out.emplace_back(parameter, format_time(*time));
  return {};
}

}  // namespace

Result<query::Params> to_params(const FilterWords& words, Zone zone, UnixMillis now) {
  query::Params out;
  for (const auto& argument : words.filters) DAYBOOK_RETURN_IF_ERROR(add_argument(argument, out));
  DAYBOOK_RETURN_IF_ERROR(add_list("--user", "username", words.users, out));
  DAYBOOK_RETURN_IF_ERROR(add_list("--resource", "resources", words.resources, out));
  DAYBOOK_RETURN_IF_ERROR(add_list("--action", "type", words.actions, out));
  if (!words.namespace_.empty()) out.emplace_back("filters[namespace][PREFIX]", words.namespace_);
  DAYBOOK_RETURN_IF_ERROR(add_list("--flow", "flowId", words.flows, out));
  DAYBOOK_RETURN_IF_ERROR(add_list("--execution", "executionId", words.executions, out));
  DAYBOOK_RETURN_IF_ERROR(
      add_moment("--from", "startDate", words.from, zone, Edge::begin, now, out));
  DAYBOOK_RETURN_IF_ERROR(add_moment("--to", "endDate", words.to, zone, Edge::end, now, out));
  if (!words.since.empty()) {
    auto span = parse_ago(words.since);
    if (!span) return bad("--since", span.error().context);
    out.emplace_back("filters[timeRange][EQUALS]", *std::move(span));
  }
  if (!words.text.empty()) out.emplace_back("q", words.text);
  return out;
}

}  // namespace daybook::terminal
