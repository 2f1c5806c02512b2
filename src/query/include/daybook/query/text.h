// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/record/event.h"

namespace daybook::query {

// Full text (`q`) as daybook defines it, so that every backend gives the same answer.
//
// Text is lower-cased by Unicode simple case folding, accents are dropped, and it is cut into runs
// of letters and digits (Unicode categories L and N, version in folding_table.inc). Bytes that are
// not UTF-8 cut too.

// Calls `visit` with each token, in order, repeats included.
void for_each_token(std::string_view text, const std::function<void(std::string_view)>& visit);
[[nodiscard]] std::vector<std::string> tokens(std::string_view text);

// All of the text as tokens are compared, what is between them kept: lower case, no accents.
[[nodiscard]] std::string folded(std::string_view text);

// Calls `visit` with every text of the event that `q` looks at: resource and its words, type, user
// id, user name, name, email, message, reason, strings and numbers of the detail, strings of the
// change part.
void for_each_text(const record::Event& event, const std::function<void(std::string_view)>& visit);

// Whether every token of each of `queries` is a token of the event. No token at all: true.
[[nodiscard]] bool matches_text(const record::Event& event,
                                const std::vector<std::string>& queries);

}  // namespace daybook::query
