// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>

#include "touched.h"

namespace daybook::kestra {

// Flows or templates that the body or the uploaded file of a bulk write holds, by namespace and id.
// Each has `id`, `namespace` and, if it was YAML, `source`. What cannot be read is left out.
[[nodiscard]] std::map<std::pair<std::string, std::string>, Json> sent_objects(
    const Finished& finished);

}  // namespace daybook::kestra
