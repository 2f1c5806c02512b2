// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rule.h"

namespace daybook::kestra {

struct RuleFile {
  std::string version;
  std::string context_path;                         // `/kestra`, or empty.
  std::set<std::string, std::less<>> never_tenant;  // Words and reserved words.
  std::set<std::string, std::less<>> after_tenant;  // These and the first segments of `~` routes.
  std::vector<Rule> rules;
};

// At most 2 MiB and 20,000 rules. Errc::invalid with `line L, column C` in the context;
// Errc::exhausted for a file that is too large.
Result<RuleFile> parse_rule_file(std::string_view yaml);

}  // namespace daybook::kestra
