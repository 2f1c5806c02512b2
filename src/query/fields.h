// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daybook/query/filter.h"

namespace daybook::query {

// How the value of a filter field is read.
enum class Shape : std::uint8_t {
  text,       // Compared as it stands.
  word,       // One of a closed set (kind, result, actorKind, source).
  from,       // A date; EQUALS means "at or after".
  to,         // A date; EQUALS means "at or before".
  range,      // A duration back from now.
  details,    // A map; the key stands in the parameter's name or before a colon.
  full_text,  // Tokens, see text.h.
};

// Whether `filters[field]` or the flat form of a parameter may hold several values.
enum class Flat : std::uint8_t { none, single, list, alternatives, tree };

// One name a request may use. Several names can stand for one field (`type`, `action`).
struct FieldSpec {
  std::string_view name;
  Field field;
  Shape shape;
  Flat flat;          // none: not a flat parameter. alternatives: list, and repeats are OR.
  bool in_filters;    // Whether `filters[name]` is known.
  std::uint32_t ops;  // Bit 1 << Op.
};

[[nodiscard]] std::span<const FieldSpec> fields();
[[nodiscard]] const FieldSpec* find_field(std::string_view name);
// The first name of a field in `filters[name]`, empty if no request can ask for it.
[[nodiscard]] std::string_view filter_name(Field field);
[[nodiscard]] bool allows(const FieldSpec& spec, Op op);

// Words as they stand in `filters[field][OP]`.
[[nodiscard]] std::string_view to_string(Op op);
[[nodiscard]] std::optional<Op> parse_op(std::string_view word);

// Comma lists for error texts.
[[nodiscard]] std::string known_filter_fields();
[[nodiscard]] std::string known_ops(const FieldSpec& spec);

// Errc::invalid, naming the known words, unless `value` is one that the closed field can hold.
Status check_word(Field field, std::string_view value);

}  // namespace daybook::query
