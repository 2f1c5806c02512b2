// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/record/json.h"

#include "session.h"

namespace daybook::app {

// What a member of an answer has to be.
enum class Shape : unsigned char { array, number };
struct Member {
  const char* name;
  Shape shape;
};

// GETs `target`. The JSON object of a 200 answer, with these members; for another status the error
// it stands for, and Errc::unavailable for what no daybook answers.
net::Task<Result<record::Json>> get_json(Session& session, std::string target,
                                         std::vector<Member> members);

}  // namespace daybook::app
