// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "rule_set.h"
#include "touched.h"
#include "values.h"

namespace daybook::kestra {

namespace {

Json source_value(const Source& source, const Finished& finished,
                  std::span<const std::string_view> segments) {
  switch (source.from) {
    case Source::From::body:
      return finished.bodies.request_member(source.name);
    case Source::From::response:
      return member_of(finished.bodies.response(), source.name);
    case Source::From::previous:
      return member_of(finished.bodies.before(), source.name);
    case Source::From::path:
    case Source::From::query:
    case Source::From::literal:
      break;
  }
  return request_value(source, segments, finished.request.query).value_or(Json(nullptr));
}

void fill_detail(const Finished& finished, std::span<const std::string_view> segments,
                 Json& detail) {
  for (const auto& key : finished.rule.detail) {
    for (const auto& source : key.sources) {
      Json value = source_value(source, finished, segments);
      if (value.is_null() || value.is_structured()) continue;
      put_value(detail, key.key, std::move(value));
      break;
    }
  }
}

// A restart with another revision makes a new execution.
void note_new_execution(const Finished& finished, Interpretation& out) {
  if (finished.rule.resource != "EXECUTION" || finished.rule.bulk != Bulk::no) return;
  const auto asked = finished.what.detail.find("executionId");
  const auto got = out.detail.find("executionId");
  if (asked == finished.what.detail.end() || got == out.detail.end() || *asked == *got) return;
  out.detail["originalId"] = *asked;
  out.action = "CREATE";
}

}  // namespace

Interpretation RuleSet::interpret(const RequestView& request, const Classification& what,
                                  const Captured& captured) const {
  const PathView path = cut(request.path);
  const Rule* rule = find(parse_method(request.method), path);
  Interpretation out;
  out.detail = what.detail;
  out.action = what.action;
  if (rule == nullptr) {
    static const Rule kUnknown;
    Captured answer;
    answer.status = captured.status;
    answer.response_body = captured.response_body;
    const Bodies bodies(answer);
    out.message = error_message({kUnknown, request, what, captured, bodies});
    out.touched.push_back({out.detail, out.action, std::nullopt, std::nullopt});
    return out;
  }
  const Bodies bodies(captured);
  const Finished finished{*rule, request, what, captured, bodies};
  fill_detail(finished, path.view(), out.detail);
  if (what.absent_action && captured.before_absent) out.action = *what.absent_action;
  note_new_execution(finished, out);
  if (rule->username) {
    const Json name = bodies.request_member(*rule->username);
    if (name.is_string()) out.hash_username = name.get<std::string>();
  }
  out.message = error_message(finished);
  if (what.level == Level::body) out.excerpt = body_excerpt(finished);
  if (rule->bulk != Bulk::no) {
    interpret_bulk(finished, out);
  } else {
    Touched object = touched_object(finished, out);
    out.detail = object.detail;
    out.touched.push_back(std::move(object));
  }
  return out;
}

}  // namespace daybook::kestra
