// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "daybook/core/result.h"

namespace daybook::record {

// JSON values of small documents. Object members are unordered for meaning.
using Json = nlohmann::json;

struct JsonLimits {
  std::size_t depth_max = 64;
};

// Strict RFC 8259: UTF-8 without BOM, no duplicate names, no lone surrogates, integers within ±(2^53−1),
// depth bounded. Errc::invalid with the byte offset in `offset` and in the text («… at byte 17»).
// Reads with simdjson; only a refused text is read a second time for its exact offset.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// RFC 8785 (JCS) bytes. Errc::invalid for NaN, infinity, lone surrogates, integers beyond 2^53−1.
Result<std::string> canonical(const Json& value);
// As canonical(), for values that parse_json or our own code made and that therefore cannot fail.
[[nodiscard]] std::string canonical_or_die(const Json& value);

// Appends `"…"` with JCS escaping.
void append_json_string(std::string& out, std::string_view text);

// Removes members whose value is null, at every depth of objects (not inside arrays).
[[nodiscard]] Json without_nulls(Json value);

}  // namespace daybook::record
