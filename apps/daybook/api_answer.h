// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>

#include "daybook/core/result.h"
#include "daybook/net/http.h"
#include "daybook/record/json.h"

namespace daybook::app {

// What a member of an answer has to be.
enum class Shape : unsigned char { array, number };
struct Member {
  const char* name;
  Shape shape;
};

// The JSON object of a 200 answer, with these members; for another status the error it stands for,
// and Errc::unavailable for what no daybook answers.
Result<record::Json> api_answer(const Result<net::Response>& answer,
                                std::initializer_list<Member> members);

}  // namespace daybook::app
