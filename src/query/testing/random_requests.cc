// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "daybook/query_testing/random_world.h"

namespace daybook::query {
namespace {

using Words = std::vector<std::string_view>;

const Words kEqual{"EQUALS", "NOT_EQUALS"};
const Words kSet{"EQUALS", "NOT_EQUALS", "IN", "NOT_IN"};
const Words kPieces{"EQUALS", "NOT_EQUALS", "IN", "NOT_IN", "CONTAINS", "STARTS_WITH", "ENDS_WITH"};
const Words kTree{"EQUALS", "NOT_EQUALS", "CONTAINS", "STARTS_WITH", "ENDS_WITH",
                  "REGEX",  "IN",         "NOT_IN",   "PREFIX"};
const Words kDates{"EQUALS",
                   "NOT_EQUALS",
                   "GREATER_THAN",
                   "LESS_THAN",
                   "GREATER_THAN_OR_EQUAL_TO",
                   "LESS_THAN_OR_EQUAL_TO"};
const Words kId{"EQUALS",   "NOT_EQUALS",  "IN",        "NOT_IN",
                "CONTAINS", "STARTS_WITH", "ENDS_WITH", "REGEX"};
const Words kResourceWords{"EQUALS", "NOT_EQUALS", "IN", "NOT_IN", "CONTAINS"};

const std::array kRules{
    FieldRule{"q", Field::q, kEqual},
    FieldRule{"namespace", Field::namespace_, kTree},
    FieldRule{"flowId", Field::flow_id, kTree},
    FieldRule{"executionId", Field::execution_id, kPieces},
    FieldRule{"userId", Field::user_id, kPieces},
    FieldRule{"username", Field::username, kPieces},
    FieldRule{"id", Field::id, kId},
    FieldRule{"resources", Field::resource, kResourceWords},
    FieldRule{"resource", Field::resource, kResourceWords},
    FieldRule{"type", Field::action, kSet},
    FieldRule{"action", Field::action, kSet},
    FieldRule{"details", Field::detail, kResourceWords},
    FieldRule{"startDate", Field::date, kDates},
    FieldRule{"endDate", Field::date, kDates},
    FieldRule{"timeRange", Field::date, {"EQUALS"}},
    FieldRule{"kind", Field::kind, {"EQUALS", "IN", "NOT_IN"}},
    FieldRule{"attemptId", Field::attempt_id, {"EQUALS", "IN"}},
    FieldRule{"result", Field::result, kSet},
    FieldRule{"actorKind", Field::actor_kind, kSet},
    FieldRule{"source", Field::source, kSet},
    FieldRule{"ipAddress", Field::ip_address, kPieces},
};

constexpr std::array<std::string_view, 13> kOperators{"EQUALS",
                                                      "NOT_EQUALS",
                                                      "GREATER_THAN",
                                                      "LESS_THAN",
                                                      "GREATER_THAN_OR_EQUAL_TO",
                                                      "LESS_THAN_OR_EQUAL_TO",
                                                      "IN",
                                                      "NOT_IN",
                                                      "STARTS_WITH",
                                                      "ENDS_WITH",
                                                      "CONTAINS",
                                                      "REGEX",
                                                      "PREFIX"};

bool is_word(Field field) {
  return field == Field::kind || field == Field::result || field == Field::actor_kind ||
         field == Field::source;
}

}  // namespace

std::span<const FieldRule> field_rules() {
  return kRules;
}

std::span<const std::string_view> all_operators() {
  return kOperators;
}

std::string RandomWorld::a_date() {
  const auto time = kStart + static_cast<std::int64_t>(below(1000)) - 500;
  auto text = format_time(time);
  if (!one_in(4)) return text;
  text.pop_back();
  return text + (one_in(2) ? "+00:00" : "-00:00");
}

std::string RandomWorld::value(const FieldRule& rule, std::string_view op, const std::string& key) {
  if (rule.name == "timeRange") return "PT0." + std::to_string(1 + below(8)) + "S";
  if (rule.field == Field::date) return a_date();
  if (op == "REGEX") {
    return pick({"^company", "team$", "flow-[0-3]$", "-1?[02]$", "a|s", "", "\\.", "(?i)COMPANY",
                 "^id-.*(1|again)$", "^f+$"});
  }
  if (is_word(rule.field)) {
    std::string out;
    for (auto left = op.ends_with("IN") ? 1 + below(3) : 1; left > 0; --left) {
      std::string one;
      while (one.empty() || one == "nothing" || one == "a" || one == "1") {
        one = one_value(rule.field, "");
      }
      out += (out.empty() ? "" : ",") + one;
    }
    return out;
  }
  auto out = one_value(rule.field, key);
  if (op.ends_with("IN")) {
    for (auto left = below(3); left > 0; --left) out += "," + one_value(rule.field, key);
  } else if ((op == "CONTAINS" || op == "STARTS_WITH" || op == "ENDS_WITH") && !out.empty()) {
    // Pieces of values; a cut through a character is fine.
    const auto cut = below(out.size());
    if (op != "STARTS_WITH") out.erase(0, cut);
    if (op == "STARTS_WITH") out.resize(cut);
    if (op == "CONTAINS") out.resize((out.size() + 1) / 2);
  }
  return out;
}

void RandomWorld::add_condition(const std::string& place, Params& out) {
  const auto& rule = kRules[below(kRules.size())];
  const auto op = rule.operators[below(rule.operators.size())];
  auto name = "filters" + place + "[" + std::string(rule.name) + "][" + std::string(op) + "]";
  std::string key;
  if (rule.field == Field::detail) {
    key = clause_key();
    auto text = value(rule, op, key);
    if (one_in(4)) {
      out.emplace_back(name, key + ":" + text);
    } else {
      out.emplace_back(name + "[" + key + "]", text);
    }
    return;
  }
  out.emplace_back(std::move(name), value(rule, op, key));
}

// One of the shapes of groups, with conditions of several parameters in one child.
void RandomWorld::add_group(Params& out) {
  const bool outer_or = one_in(2);
  const std::string outer = outer_or ? "[or][" : "[and][";
  const auto step = 1 + below(3);  // Numbers of children may leave some out.
  for (std::uint64_t child = 0, end = 1 + below(3); child < end; ++child) {
    const auto place = outer + std::to_string(child * step) + "]";
    switch (below(4)) {
      case 0:
        add_condition(place, out);
        break;
      case 1:
        for (auto left = 1 + below(2); left > 0; --left) add_condition(place, out);
        break;
      case 2:
        for (std::uint64_t i = 0, inner = 1 + below(2); i < inner; ++i) {
          add_condition(place + "[and][" + std::to_string(i) + "]", out);
        }
        break;
      default:
        for (std::uint64_t i = 0, inner = 1 + below(3); i < inner; ++i) {
          add_condition(place + "[or][" + std::to_string(i) + "]", out);
          if (one_in(4)) add_condition(place + "[or][" + std::to_string(i) + "]", out);
        }
        break;
    }
  }
}

void RandomWorld::add_flat(Params& out) {
  switch (below(8)) {
    case 0:
      out.emplace_back("namespace", one_value(Field::namespace_, "") +
                                        (one_in(3) ? "," + one_value(Field::namespace_, "") : ""));
      break;
    case 1:
      out.emplace_back("resources", one_value(Field::resource, ""));
      if (one_in(2)) out.emplace_back("resource", one_value(Field::resource, ""));
      break;
    case 2:
      out.emplace_back("type", one_value(Field::action, "") + "," + one_value(Field::action, ""));
      break;
    case 3:
      out.emplace_back("userId", one_value(Field::user_id, ""));
      break;
    case 4: {
      const auto key = clause_key();
      const record::Json map = {{key, one_value(Field::detail, key)}, {"revision", below(4)}};
      out.emplace_back("details", map.dump());
      break;
    }
    case 5: {
      const auto key = clause_key();
      out.emplace_back("details[" + key + "]", one_value(Field::detail, key));
      break;
    }
    case 6:
      out.emplace_back(one_in(2) ? "startDate" : "endDate", a_date());
      break;
    default:
      out.emplace_back("q", one_value(Field::q, ""));
      break;
  }
}

Params RandomWorld::request() {
  Params out;
  for (auto left = below(4); left > 0; --left) add_condition("", out);
  if (one_in(3)) add_flat(out);
  if (one_in(3)) add_group(out);
  if (out.empty()) add_group(out);
  // Groups may be taken apart by others; what stands where decides alone.
  if (one_in(3)) std::shuffle(out.begin(), out.end(), random_);
  return out;
}

}  // namespace daybook::query
