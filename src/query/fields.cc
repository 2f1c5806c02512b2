// SPDX-License-Identifier: Apache-2.0
#include "fields.h"

#include <fmt/format.h>

#include <array>

#include "daybook/record/event.h"

namespace daybook::query {
namespace {

constexpr std::uint32_t bit(Op op) {
  return 1U << static_cast<unsigned>(op);
}

constexpr std::uint32_t kEqual = bit(Op::equals) | bit(Op::not_equals);
constexpr std::uint32_t kSet = kEqual | bit(Op::in) | bit(Op::not_in);
constexpr std::uint32_t kPieces = bit(Op::contains) | bit(Op::starts_with) | bit(Op::ends_with);
constexpr std::uint32_t kOrder =
    kEqual | bit(Op::greater_or_equal) | bit(Op::less_or_equal) | bit(Op::greater) | bit(Op::less);

// Names and operators of the Kestra API contract section 2, plus daybook's own fields.
constexpr auto kFields = std::to_array<FieldSpec>({
    {"q", Field::q, Shape::full_text, Flat::single, true, kEqual},
    {"namespace", Field::namespace_, Shape::text, Flat::tree, true,
     kSet | kPieces | bit(Op::prefix) | bit(Op::regex)},
    {"flowId", Field::flow_id, Shape::text, Flat::list, true,
     kSet | kPieces | bit(Op::prefix) | bit(Op::regex)},
    {"executionId", Field::execution_id, Shape::text, Flat::list, true, kSet | kPieces},
    {"userId", Field::user_id, Shape::text, Flat::single, true, kSet | kPieces},
    {"username", Field::username, Shape::text, Flat::single, true, kSet | kPieces},
    {"id", Field::id, Shape::text, Flat::list, true, kSet | kPieces | bit(Op::regex)},
    {"resources", Field::resource, Shape::text, Flat::alternatives, true, kSet | bit(Op::contains)},
    {"resource", Field::resource, Shape::text, Flat::alternatives, true, kSet | bit(Op::contains)},
    {"permission", Field::resource, Shape::text, Flat::alternatives, false, kSet},
    {"type", Field::action, Shape::text, Flat::alternatives, true, kSet},
    {"action", Field::action, Shape::text, Flat::alternatives, true, kSet},
    {"details", Field::detail, Shape::details, Flat::single, true, kSet | bit(Op::contains)},
    {"startDate", Field::date, Shape::from, Flat::single, true, kOrder},
    {"endDate", Field::date, Shape::to, Flat::single, true, kOrder},
    {"timeRange", Field::date, Shape::range, Flat::single, true, bit(Op::equals)},
    {"kind", Field::kind, Shape::word, Flat::list, true,
     bit(Op::equals) | bit(Op::in) | bit(Op::not_in)},
    {"attemptId", Field::attempt_id, Shape::text, Flat::list, true, bit(Op::equals) | bit(Op::in)},
    {"result", Field::result, Shape::word, Flat::list, true, kSet},
    {"actorKind", Field::actor_kind, Shape::word, Flat::list, true, kSet},
    {"source", Field::source, Shape::word, Flat::list, true, kSet},
    {"ipAddress", Field::ip_address, Shape::text, Flat::list, true, kSet | kPieces},
});

struct OpName {
  Op op;
  std::string_view word;
};
constexpr auto kOps = std::to_array<OpName>({
    {Op::equals, "EQUALS"},
    {Op::not_equals, "NOT_EQUALS"},
    {Op::in, "IN"},
    {Op::not_in, "NOT_IN"},
    {Op::prefix, "PREFIX"},
    {Op::greater_or_equal, "GREATER_THAN_OR_EQUAL_TO"},
    {Op::less_or_equal, "LESS_THAN_OR_EQUAL_TO"},
    {Op::greater, "GREATER_THAN"},
    {Op::less, "LESS_THAN"},
    {Op::contains, "CONTAINS"},
    {Op::starts_with, "STARTS_WITH"},
    {Op::ends_with, "ENDS_WITH"},
    {Op::regex, "REGEX"},
});

void append_word(std::string& list, std::string_view word) {
  if (!list.empty()) list += ", ";
  list += word;
}

// The known words of a closed field, through the enumeration itself: nothing to keep in step.
template <class Enum>
Status check_enum(std::string_view value, Enum last, Result<Enum> (*parse)(std::string_view)) {
  if (parse(value)) return {};
  std::string known;
  for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
    append_word(known, record::to_string(static_cast<Enum>(i)));
  }
  return Error{Errc::invalid, fmt::format("'{}' is not one of {}", value, known)};
}

}  // namespace

std::span<const FieldSpec> fields() {
  return kFields;
}

const FieldSpec* find_field(std::string_view name) {
  for (const auto& spec : kFields) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

std::string_view filter_name(Field field) {
  for (const auto& spec : kFields) {
    if (spec.field == field && spec.in_filters) return spec.name;
  }
  return "";
}

bool allows(const FieldSpec& spec, Op op) {
  return (spec.ops & bit(op)) != 0;
}

std::string_view to_string(Op op) {
  for (const auto& entry : kOps) {
    if (entry.op == op) return entry.word;
  }
  return "";
}

std::optional<Op> parse_op(std::string_view word) {
  for (const auto& entry : kOps) {
    if (entry.word == word) return entry.op;
  }
  return std::nullopt;
}

std::string known_filter_fields() {
  std::string list;
  for (const auto& spec : kFields) {
    if (spec.in_filters) append_word(list, spec.name);
  }
  return list;
}

std::string known_ops(const FieldSpec& spec) {
  std::string list;
  for (const auto& entry : kOps) {
    if (allows(spec, entry.op)) append_word(list, entry.word);
  }
  return list;
}

Status check_word(Field field, std::string_view value) {
  switch (field) {
    case Field::kind:
      return check_enum(value, record::Kind::system, record::parse_kind);
    case Field::result:
      return check_enum(value, record::ResultWord::unknown, record::parse_result);
    case Field::actor_kind:
      return check_enum(value, record::ActorKind::anonymous, record::parse_actor_kind);
    case Field::source:
      return check_enum(value, record::Source::system, record::parse_source);
    default:
      return {};
  }
}

}  // namespace daybook::query
