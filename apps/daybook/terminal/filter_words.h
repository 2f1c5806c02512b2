// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"
#include "daybook/query/filter.h"

#include "time_words.h"

namespace daybook::terminal {

// What a person wrote on the command line to say which entries are meant.
struct FilterWords {
  // `name=value` as in the HTTP API, not encoded: `q=…`, `namespace=…`, `filters[type][IN]=…`; or
  // `?…`, the query string of a link, encoded as it is there.
  std::vector<std::string> filters = {};
  std::vector<std::string> users = {};  // Names. Of several values of one option any may fit.
  std::vector<std::string> resources = {};
  std::vector<std::string> actions = {};
  std::vector<std::string> flows = {};
  std::vector<std::string> executions = {};
  std::string namespace_ = {};  // The namespace itself and everything below it.
  std::string from = {};        // parse_moment()
  std::string to = {};
  std::string since = {};  // parse_ago()
  std::string text = {};   // Words that must all occur.
};

// The parameters of the HTTP API that mean the same, in its own spelling. Errc::invalid with the
// option or argument in `path`. Names and values of `filters` are not checked here: the server does
// (and query::parse_search where there is none).
Result<query::Params> to_params(const FilterWords& words, Zone zone, UnixMillis now);

}  // namespace daybook::terminal
