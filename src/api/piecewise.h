// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "daybook/core/result.h"

#include "call.h"

namespace daybook::api {

// Head of a chunked answer of that type which nobody keeps.
[[nodiscard]] net::ResponseHead piecewise_head(std::string content_type);

// Sends an answer that is made a piece at a time: `opening`, what `piece` gives until it gives
// nothing, `closing`. A piece that cannot be made breaks the answer off: the head is out, and only
// a broken answer can tell that something is missing. HEAD gets the head alone.
net::Task<void> send_piecewise(Call& call, net::ResponseHead head, std::string opening,
                               std::function<Result<std::string>()> piece, std::string closing);

}  // namespace daybook::api
