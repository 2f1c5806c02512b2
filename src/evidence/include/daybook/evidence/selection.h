// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/query/filter.h"
#include "daybook/record/json.h"

namespace daybook::evidence {

constexpr std::string_view kFormat = "daybook-evidence/1";

// The filters of a selection, as the query string of a search without paging. Errc::invalid with
// the parameter in `path`. A filter that means something else tomorrow (timeRange) is refused:
// whoever verifies must be able to ask the same question.
Result<query::Filter> parse_filters(std::string_view query_string);

// What whoever asked could see at all. Each condition holds for every entry that is shown.
struct Scope {
  std::optional<std::string> tenant;      // Absent: all tenants.
  std::optional<std::string> namespace_;  // A namespace and everything below it.
  std::optional<std::string> submitter;   // Only what this account submitted.
};
[[nodiscard]] std::vector<query::Clause> clauses_of(const Scope& scope);
[[nodiscard]] record::Json to_json(const Scope& scope);

// What can be asked of an entry whose event part is shown, and these: the conditions that read
// nothing else. All of them if every part is shown.
struct Shown {
  bool actor = true;
  bool change = true;
};
[[nodiscard]] query::Filter answerable(const query::Filter& filter, Shown shown);

}  // namespace daybook::evidence
