// SPDX-License-Identifier: Apache-2.0
#include "field_reader.h"

#include <algorithm>
#include <cmath>

#include "daybook/core/utf8.h"

namespace daybook::capture {
namespace {

constexpr std::size_t kWordMax = 128;                        // Characters.
constexpr std::int64_t kIntegerMax = 9'007'199'254'740'991;  // 2^53-1.
constexpr std::size_t kShownNameMax = 128;  // Bytes of an unknown name that are repeated.

std::string listed(std::initializer_list<std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) {
      out += ", ";
    }
    out += name;
  }
  return out;
}

}  // namespace

std::string pointer_token(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

Error FieldReader::wrong(std::string_view name, std::string what) const {
  return Error{Errc::invalid, std::string(name) + " " + std::move(what),
               base_ + "/" + pointer_token(name)};
}

Status FieldReader::only(std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : object_.get_ref<const record::Json::object_t&>()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string shown = name.size() <= kShownNameMax ? name : "a very long name";
      return Error{Errc::invalid, "unknown key " + shown + "; known are " + listed(known),
                   base_ + "/" + pointer_token(shown)};
    }
  }
  return {};
}

const record::Json* FieldReader::find(std::string_view name) const {
  const auto at = object_.find(name);
  return at == object_.end() || at->is_null() ? nullptr : &*at;
}

Result<record::OptionalText> FieldReader::text(std::string_view name) const {
  const record::Json* value = find(name);
  if (value == nullptr) {
    return record::OptionalText();
  }
  if (!value->is_string()) {
    return wrong(name, "must be a string");
  }
  return record::OptionalText(value->get_ref<const std::string&>());
}

Result<std::string> FieldReader::required_text(std::string_view name) const {
  DAYBOOK_ASSIGN_OR_RETURN(record::OptionalText value, text(name));
  if (!value) {
    return wrong(name, "is required");
  }
  if (value->empty()) {
    return wrong(name, "must not be empty");
  }
  return *std::move(value);
}

Result<std::string> FieldReader::required_word(std::string_view name) const {
  DAYBOOK_ASSIGN_OR_RETURN(std::string value, required_text(name));
  if (count_code_points(value) > kWordMax) {
    return wrong(name, "must have 1 to 128 characters");
  }
  if (has_control(value)) {
    return wrong(name, "must not contain control characters");
  }
  return value;
}

Result<std::optional<std::int64_t>> FieldReader::count(std::string_view name) const {
  const record::Json* value = find(name);
  if (value == nullptr) {
    return std::optional<std::int64_t>();
  }
  if (value->is_number_float()) {
    const double number = value->get<double>();
    if (number >= 0 && number <= static_cast<double>(kIntegerMax) && std::trunc(number) == number) {
      return std::optional(static_cast<std::int64_t>(number));
    }
  } else if (value->is_number_integer()) {
    const auto number = value->get<std::int64_t>();
    if (number >= 0 && number <= kIntegerMax) {
      return std::optional(number);
    }
  }
  return wrong(name, "must be an integer of 0 or more");
}

Result<const record::Json*> FieldReader::object(std::string_view name) const {
  const record::Json* value = find(name);
  if (value != nullptr && !value->is_object()) {
    return wrong(name, "must be an object");
  }
  return value;
}

}  // namespace daybook::capture
