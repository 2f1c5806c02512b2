// SPDX-License-Identifier: Apache-2.0
#include "retention_config.h"

#include <array>
#include <set>
#include <string>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/query/filter.h"
#include "daybook/record/parts.h"

namespace daybook::app {
namespace {

using erasure::Policy;

constexpr std::size_t kPoliciesMax = 100;

Error wrong(const std::string& policy, const std::string& what) {
  return {.code = Errc::invalid, .context = "policy " + policy + ": " + what};
}

// `30d`, `12h`, `90m`, `10s`.
Result<std::int64_t> age_of(const std::string& policy, const std::string& text) {
  constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits{
      {{'d', 86'400'000}, {'h', 3'600'000}, {'m', 60'000}, {'s', 1000}}};
  const auto digits = text.find_first_not_of("0123456789");
  if (digits != std::string::npos && digits > 0 && digits <= 6 && digits + 1 == text.size()) {
    for (const auto& [unit, factor] : kUnits) {
      if (text.back() == unit) return std::stoll(text.substr(0, digits)) * factor;
    }
  }
  return wrong(policy, "olderThan is an age such as 90d, 12h, 30m or 10s");
}

// One text or a list of them, joined by commas as the filters take them.
Result<std::string> words_of(const std::string& policy, const std::string& key,
                             const YAML::Node& node) {
  if (node.IsScalar()) return node.as<std::string>();
  std::string joined;
  for (const auto& one : node) {
    if (!one.IsScalar()) return wrong(policy, key + " is a text or a list of texts");
    joined += (joined.empty() ? "" : ",") + one.as<std::string>();
  }
  if (joined.empty()) return wrong(policy, key + " is a text or a list of texts");
  return joined;
}

Result<std::uint8_t> parts_of(const std::string& policy, const YAML::Node& node) {
  unsigned parts = 0;
  for (const auto& one : node) {
    const auto part = record::parse_part(one.as<std::string>(""));
    if (!part) return wrong(policy, "parts are event, actor, change");
    parts |= record::bit_of(*part);
  }
  if (parts == 0) return wrong(policy, "parts are event, actor, change");
  return static_cast<std::uint8_t>(parts);
}

Status set_member(Policy& policy, const std::string& key, const YAML::Node& node) {
  const auto add = [&](const std::string& filter) -> Status {
    DAYBOOK_ASSIGN_OR_RETURN(std::string value, words_of(policy.name, key, node));
    policy.filters.emplace_back(filter, std::move(value));
    return {};
  };
  if (key == "namespace") return add("filters[namespace][PREFIX]");
  if (key == "resource") return add("filters[resources][IN]");
  if (key == "action") return add("filters[type][IN]");
  if (key == "parts") {
    DAYBOOK_ASSIGN_OR_RETURN(policy.parts, parts_of(policy.name, node));
    return {};
  }
  if (!node.IsScalar()) return wrong(policy.name, key + " is a text");
  const auto text = node.as<std::string>();
  if (key == "olderThan") {
    DAYBOOK_ASSIGN_OR_RETURN(policy.older_than_ms, age_of(policy.name, text));
  } else if (key == "tenant") {
    policy.tenant = text;
  } else if (key == "filters") {
    for (auto& filter : parse_query(text)) policy.filters.push_back(std::move(filter));
  } else if (key != "name") {
    return wrong(policy.name, "unknown key " + key +
                                  "; known are name, olderThan, tenant, namespace, resource, "
                                  "action, filters, parts");
  }
  return {};
}

}  // namespace

Result<std::vector<Policy>> read_policies(const YAML::Node& list) {
  std::vector<Policy> policies;
  std::set<std::string> names;
  if (!list.IsSequence() || list.size() > kPoliciesMax) {
    return Error{.code = Errc::invalid, .context = "expected a list of at most 100 policies"};
  }
  for (const auto& node : list) {
    Policy policy;
    if (node.IsMap() && node["name"]) policy.name = node["name"].as<std::string>("");
    if (policy.name.empty() || !names.insert(policy.name).second) {
      return Error{.code = Errc::invalid, .context = "each policy has a name of its own"};
    }
    for (const auto& member : node) {
      DAYBOOK_RETURN_IF_ERROR(set_member(policy, member.first.as<std::string>(""), member.second));
    }
    if (policy.older_than_ms == 0) return wrong(policy.name, "olderThan is missing or 0");
    if (const auto filter = query::parse_filter(policy.filters, 0); !filter) {
      return wrong(policy.name, filter.error().context);
    }
    policies.push_back(std::move(policy));
  }
  return policies;
}

}  // namespace daybook::app
