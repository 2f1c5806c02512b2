// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"
#include "daybook/record/event.h"
#include "daybook/record/json.h"

namespace daybook::capture {

// `~` and `/` escaped as RFC 6901 section 3 says.
[[nodiscard]] std::string pointer_token(std::string_view name);

// Reads the members of one JSON object by name. A null member is an absent one. Errors are
// Errc::invalid and carry the member's JSON Pointer in `path`, made of `base` and the name.
//
// The object must outlive the reader and is only read.
class FieldReader {
 public:
  FieldReader(const record::Json& object, std::string base)
      : object_(object), base_(std::move(base)) {}

  // Refuses members that are not in `known`, naming the first and listing the known ones.
  [[nodiscard]] Status only(std::initializer_list<std::string_view> known) const;
  // The member, or nullptr if absent or null.
  [[nodiscard]] const record::Json* find(std::string_view name) const;

  Result<record::OptionalText> text(std::string_view name) const;
  Result<std::string> required_text(std::string_view name) const;
  // 1 to 128 characters, none of them a control character.
  Result<std::string> required_word(std::string_view name) const;
  // An integer from 0 to 2^53-1; 2.0 is one.
  Result<std::optional<std::int64_t>> count(std::string_view name) const;
  Result<const record::Json*> object(std::string_view name) const;

  [[nodiscard]] Error wrong(std::string_view name, std::string what) const;

 private:
  const record::Json& object_;
  std::string base_;
};

}  // namespace daybook::capture
