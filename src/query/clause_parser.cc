// SPDX-License-Identifier: Apache-2.0
#include "clause_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "daybook/query/regex.h"
#include "daybook/record/json.h"

#include "duration.h"
#include "fields.h"

namespace daybook::query {
namespace {

constexpr std::string_view kFilters = "filters";

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> pieces;
  while (true) {
    const auto comma = text.find(',');
    pieces.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return pieces;
    text.remove_prefix(comma + 1);
  }
}

bool is_list(Op op) {
  return op == Op::in || op == Op::not_in;
}

// `+` of an offset that arrived as a blank: senders forget to percent-encode it.
Result<UnixMillis> parse_date(std::string value) {
  constexpr std::size_t kOffsetSize = 6;
  if (value.size() > kOffsetSize && value[value.size() - kOffsetSize] == ' ') {
    value[value.size() - kOffsetSize] = '+';
  }
  auto time = parse_time(value);
  if (!time) {
    return Error{Errc::invalid, fmt::format("'{}' is not an RFC 3339 date-time", value)};
  }
  return *time;
}

// EQUALS of startDate and endDate is "from" and "up to", NOT_EQUALS its complement.
Op date_op(Shape shape, Op op) {
  const bool from = shape == Shape::from;
  if (op == Op::equals) return from ? Op::greater_or_equal : Op::less_or_equal;
  if (op == Op::not_equals) return from ? Op::less : Op::greater;
  return op;
}

Status check_values(const FieldSpec& spec, const std::vector<std::string>& values) {
  if (values.size() > kValuesMax) {
    return Error{Errc::invalid, fmt::format("more than {} values", kValuesMax)};
  }
  if (spec.shape != Shape::word) return {};
  for (const auto& value : values) {
    DAYBOOK_RETURN_IF_ERROR(check_word(spec.field, value));
  }
  return {};
}

struct KeyValue {
  std::string key;
  std::string value;
};

// `key:value`, the way the web UI writes a tag.
Result<KeyValue> split_tag(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return Error{Errc::invalid, fmt::format("'{}' is not key:value", text)};
  }
  return KeyValue{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<Clause> make_clause(const FieldSpec& spec, Op op, std::string key, const std::string& value,
                           UnixMillis now) {
  Clause clause{.field = spec.field, .op = op, .key = std::move(key), .values = {}, .time = 0};
  switch (spec.shape) {
    case Shape::from:
    case Shape::to: {
      DAYBOOK_ASSIGN_OR_RETURN(clause.time, parse_date(value));
      clause.op = date_op(spec.shape, op);
      return clause;
    }
    case Shape::range: {
      DAYBOOK_ASSIGN_OR_RETURN(const std::int64_t back, parse_duration(value));
      clause.time = now - back;
      clause.op = Op::greater_or_equal;
      return clause;
    }
    case Shape::details: {
      std::string text = value;
      if (clause.key.empty()) {
        DAYBOOK_ASSIGN_OR_RETURN(auto tag, split_tag(value));
        clause.key = std::move(tag.key);
        text = std::move(tag.value);
      }
      clause.values = is_list(op) ? split_commas(text) : std::vector<std::string>{text};
      break;
    }
    case Shape::text:
      if (op == Op::regex) {
        DAYBOOK_ASSIGN_OR_RETURN(clause.regex, Regex::compile(value));
        clause.values = {value};
        return clause;
      }
      [[fallthrough]];
    case Shape::word:
    case Shape::full_text:
      clause.values = is_list(op) ? split_commas(value) : std::vector<std::string>{value};
      break;
  }
  DAYBOOK_RETURN_IF_ERROR(check_values(spec, clause.values));
  return clause;
}

// Takes the parts of `[a][b][c.d]` one after the other.
class Brackets {
 public:
  static Result<Brackets> open(std::string_view path) {
    if (path.size() < 2 || path.front() != '[' || path.back() != ']') {
      return Error{Errc::invalid,
                   "expected filters[field][OPERATOR] or filters[details][OPERATOR][key], with "
                   "[and][n] or [or][n] in front of the field in a group"};
    }
    return Brackets(path.substr(1, path.size() - 2));
  }

  [[nodiscard]] bool done() const { return done_; }
  // The next part, empty at the end.
  std::string_view next() {
    if (done_) return {};
    const auto cut = left_.find("][");
    const auto part = left_.substr(0, cut);
    done_ = cut == std::string_view::npos;
    if (!done_) left_.remove_prefix(cut + 2);
    return part;
  }
  // All that is left: a map key keeps any brackets of its own.
  [[nodiscard]] std::string_view rest() const { return left_; }

 private:
  explicit Brackets(std::string_view inner) : left_(inner) {}
  std::string_view left_;
  bool done_ = false;
};

Result<std::uint32_t> parse_child(std::string_view text) {
  std::uint32_t child = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), child);
  if (ec != std::errc{} || end != text.data() + text.size() || child > FilterBuilder::kChildMax) {
    return Error{Errc::invalid, fmt::format("'{}' is not the number of a group's child, 0 to {}",
                                            text, FilterBuilder::kChildMax)};
  }
  return child;
}

struct Head {
  Place place;
  std::string_view field;
};

// `[and][n]` and `[or][n]` steps, then the field.
Result<Head> take_head(Brackets& brackets) {
  Head head;
  while (true) {
    head.field = brackets.next();
    if (head.field != "and" && head.field != "or") return head;
    if (head.place.size() == FilterBuilder::kStepsMax) {
      return Error{Errc::invalid, "groups nest one level: and in or, or or in and"};
    }
    const bool any = head.field == "or";
    DAYBOOK_ASSIGN_OR_RETURN(const auto child, parse_child(brackets.next()));
    if (brackets.done()) return Error{Errc::invalid, "a group's child needs a field"};
    head.place.push_back({any, child});
  }
}

std::string text_of(const record::Json& value) {
  return value.is_string() ? value.get<std::string>() : record::canonical_or_die(value);
}

}  // namespace

Result<bool> ClauseParser::take(const std::string& name, const std::string& value) {
  const std::string_view view = name;
  const bool nested = view.starts_with(kFilters) &&
                      (view.size() == kFilters.size() || view[kFilters.size()] == '[');
  Result<bool> taken = true;
  if (nested) {
    if (auto status = take_nested(view.substr(kFilters.size()), value); !status) {
      taken = std::move(status).error();
    }
  } else {
    taken = take_flat(name, value);
  }
  if (taken && builder_.size() + alternatives_.size() > kClausesMax) {
    taken = Error{Errc::invalid, fmt::format("more than {} conditions", kClausesMax)};
  }
  if (!taken) {
    auto error = std::move(taken).error();
    error.path = name;
    return error;
  }
  return taken;
}

Status ClauseParser::take_nested(std::string_view path, const std::string& value) {
  DAYBOOK_ASSIGN_OR_RETURN(auto brackets, Brackets::open(path));
  DAYBOOK_ASSIGN_OR_RETURN(const auto head, take_head(brackets));
  const auto* spec = find_field(head.field);
  if (spec == nullptr || !spec->in_filters) {
    return Error{Errc::invalid, fmt::format("field '{}' is not supported; supported fields are {}",
                                            head.field, known_filter_fields())};
  }
  const auto word = brackets.next();
  const auto op = parse_op(word);
  if (!op || !allows(*spec, *op)) {
    return Error{
        Errc::invalid,
        fmt::format("operator '{}' is not supported for field {}; supported operators are {}", word,
                    spec->name, known_ops(*spec))};
  }
  std::string key;
  if (!brackets.done()) {
    key = brackets.rest();
    if (spec->shape != Shape::details || key.empty()) {
      return Error{Errc::invalid, fmt::format("field {} takes no key '{}'; only details takes one",
                                              spec->name, key)};
    }
  }
  DAYBOOK_ASSIGN_OR_RETURN(auto clause, make_clause(*spec, *op, std::move(key), value, now_));
  return add(head.place, std::move(clause));
}

Status ClauseParser::add(const Place& place, Clause clause) {
  if (clause.op == Op::regex && ++regexes_ > kRegexesMax) {
    return Error{Errc::invalid, fmt::format("more than {} regular expressions", kRegexesMax)};
  }
  return builder_.add(place, std::move(clause));
}

Result<bool> ClauseParser::take_flat(std::string_view name, const std::string& value) {
  constexpr std::string_view kDetails = "details[";
  if (name.starts_with(kDetails) && name.ends_with("]")) {
    const auto key = name.substr(kDetails.size(), name.size() - kDetails.size() - 1);
    DAYBOOK_RETURN_IF_ERROR(add_detail(key, value));
    return true;
  }
  const auto* spec = find_field(name);
  if (spec == nullptr || spec->flat == Flat::none) return false;
  if (spec->shape == Shape::details) {
    DAYBOOK_RETURN_IF_ERROR(take_flat_details(value));
    return true;
  }
  if (spec->flat == Flat::single) {
    DAYBOOK_ASSIGN_OR_RETURN(auto clause, make_clause(*spec, Op::equals, "", value, now_));
    DAYBOOK_RETURN_IF_ERROR(add({}, std::move(clause)));
    return true;
  }
  auto values = split_commas(value);
  DAYBOOK_RETURN_IF_ERROR(check_values(*spec, values));
  if (spec->flat == Flat::alternatives) {
    add_alternatives(spec->field, std::move(values));
    return true;
  }
  if (spec->flat == Flat::tree) {
    std::vector<Clause> trees;
    for (auto& one : values) {
      trees.push_back({.field = spec->field, .op = Op::prefix, .key = {}, .values = {}, .time = 0});
      trees.back().values.push_back(std::move(one));
    }
    builder_.add_any(std::move(trees));
    return true;
  }
  DAYBOOK_RETURN_IF_ERROR(add(
      {}, {.field = spec->field, .op = Op::in, .key = {}, .values = std::move(values), .time = 0}));
  return true;
}

Status ClauseParser::add_detail(std::string_view key, std::string text) {
  if (key.empty()) return Error{Errc::invalid, "details needs a key"};
  return add({}, {.field = Field::detail,
                  .op = Op::equals,
                  .key = std::string(key),
                  .values = {std::move(text)},
                  .time = 0});
}

// `details={"flowId":"hello"}`, `details=flowId,hello`, `details=flowId:hello`.
Status ClauseParser::take_flat_details(std::string_view value) {
  if (value.starts_with('{')) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto map, record::parse_json(value));
    for (const auto& [name, member] : map.items()) {
      DAYBOOK_RETURN_IF_ERROR(add_detail(name, text_of(member)));
    }
    return {};
  }
  const auto colon = value.find(':');
  const auto comma = value.find(',');
  if (comma != std::string_view::npos && (colon == std::string_view::npos || comma < colon)) {
    auto pieces = split_commas(value);
    if (pieces.size() % 2 != 0) {
      return Error{Errc::invalid, fmt::format("'{}' is not key,value[,key,value...]", value)};
    }
    for (std::size_t i = 0; i < pieces.size(); i += 2) {
      DAYBOOK_RETURN_IF_ERROR(add_detail(pieces[i], std::move(pieces[i + 1])));
    }
    return {};
  }
  DAYBOOK_ASSIGN_OR_RETURN(auto tag, split_tag(value));
  return add_detail(tag.key, std::move(tag.value));
}

void ClauseParser::add_alternatives(Field field, std::vector<std::string> values) {
  const auto same = [field](const Clause& clause) { return clause.field == field; };
  auto at = std::find_if(alternatives_.begin(), alternatives_.end(), same);
  if (at == alternatives_.end()) {
    alternatives_.push_back({.field = field, .op = Op::in, .key = {}, .values = {}, .time = 0});
    at = std::prev(alternatives_.end());
  }
  std::move(values.begin(), values.end(), std::back_inserter(at->values));
}

Result<Filter> ClauseParser::finish() {
  for (auto& clause : alternatives_) {
    if (clause.values.size() > kValuesMax) {
      return Error{Errc::invalid, fmt::format("more than {} values", kValuesMax), "resources"};
    }
    DAYBOOK_RETURN_IF_ERROR(builder_.add({}, std::move(clause)));
  }
  return builder_.finish();
}

}  // namespace daybook::query
