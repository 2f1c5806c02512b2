// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <vector>

#include "daybook/core/result.h"
#include "daybook/erasure/redactor.h"

namespace daybook::app {

// The list `retention.policies`: each with name, olderThan and any of tenant, namespace, resource,
// action, filters, parts. Errc::invalid says which policy.
Result<std::vector<erasure::Policy>> read_policies(const YAML::Node& list);

}  // namespace daybook::app
