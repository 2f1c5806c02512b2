// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "answer.h"
#include "call.h"

namespace daybook::api {

// Reads the small JSON object of an administration request: 415 for another content type, 413 above
// 64 KiB, 422 for malformed JSON.
net::Task<Answer<record::Json>> read_json_body(Call& call);

// The body without its nulls, which count as absent, if every member is one of `known`; the refusal
// names the other one, unless `quote` is no (a sign-in's body is never echoed).
enum class Quote : bool { no, yes };
[[nodiscard]] Answer<record::Json> known_members(const record::Json& body,
                                                 std::initializer_list<std::string_view> known,
                                                 Quote quote);

// A string member. Refused if it is of another type, and if it is absent where `required`.
enum class Presence : bool { optional, required };
[[nodiscard]] Answer<std::optional<std::string>> string_member(const record::Json& body,
                                                               const std::string& name,
                                                               Presence presence);

}  // namespace daybook::api
