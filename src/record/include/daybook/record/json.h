// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::record {

// JSON values of small documents. Object members are unordered for meaning.
using Json = nlohmann::json;

struct JsonLimits {
  std::size_t depth_max = 64;
  // Reads integers beyond ±(2^53−1) as doubles instead of refusing them. Only for our own canonical
  // bytes, in which RFC 8785 writes a double like 1e20 as an integer.
  bool big_integers = false;
};

// Strict RFC 8259: UTF-8 without BOM, no duplicate names, no lone surrogates, integers within
// ±(2^53−1), depth bounded. Errc::invalid with the byte offset in `offset` and in the text
// («… at byte 17»); the text never quotes the input, which may hold a password.
// Reads with simdjson; only a refused text is read a second time for its exact offset.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// RFC 8785 (JCS) bytes. Errc::invalid for NaN, infinity, lone surrogates, integers beyond 2^53−1.
Result<std::string> canonical(const Json& value);
// As canonical(), for values that parse_json or our own code made and that therefore cannot fail.
[[nodiscard]] std::string canonical_or_die(const Json& value);

// Appends `"…"` with JCS escaping. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Removes members whose value is null, at every depth of objects (not inside arrays).
[[nodiscard]] Json without_nulls(Json value);

}  // namespace daybook::record
