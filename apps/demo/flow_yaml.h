// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daybook/core/result.h"

#include "call.h"

namespace daybook::demo {

// One YAML document as JSON with Kestra's typing: plain scalars that look like numbers or booleans
// are such, quoted ones are text. Errc::invalid.
Result<Json> yaml_to_json(const std::string& text);

// The documents of a multi-document source, split at lines of `---`.
std::vector<std::string> split_documents(const std::string& text);

// A source as JSON in Kestra's member order, with what it adds (labels as a list, defaults of
// inputs).
Json flow_view(const Json& parsed, unsigned revision, bool disabled, bool deleted);

// YAML of a flow that was created from JSON, in the way Kestra writes it.
std::string json_to_yaml(const Json& flow);

}  // namespace daybook::demo
