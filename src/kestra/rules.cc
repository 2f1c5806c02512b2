// SPDX-License-Identifier: Apache-2.0
#include "daybook/kestra/rules.h"

#include <utility>

#include "daybook/core/check.h"

#include "rule_set.h"

namespace daybook::kestra {

// src/kestra/rules/kestra.yaml, put into the program at build time.
extern const std::string_view kBuiltinRules;

RuleSet::RuleSet(RuleFile file) : file_(std::move(file)), routes_(file_.rules) {
  for (const auto& rule : file_.rules) {
    if (rule.tenant && rule.segments.size() > 2) file_.after_tenant.insert(rule.segments[2].text);
  }
}

Result<std::unique_ptr<Rules>> Rules::parse(std::string_view yaml) {
  DAYBOOK_ASSIGN_OR_RETURN(auto file, parse_rule_file(yaml));
  return std::unique_ptr<Rules>(std::make_unique<RuleSet>(std::move(file)));
}

const Rules& Rules::builtin() {
  static const std::unique_ptr<Rules> kRules = [] {
    auto parsed = Rules::parse(kBuiltinRules);
    DAYBOOK_CHECK(parsed.has_value());  // Tested with every build.
    return *std::move(parsed);
  }();
  return *kRules;
}

}  // namespace daybook::kestra
