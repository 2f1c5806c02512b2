// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace daybook::demo {

// One flow of the made-up company. Its source is a template whose few parameters change one at a
// time.
struct FlowSource {
  std::string_view space;
  std::string_view id;
  std::string_view text;  // With @cron@, @timeout@, @attempts@, @target@ and @notify@.
};

[[nodiscard]] std::span<const FlowSource> flow_sources();

// The source after `edits` small changes; 0 is the first version.
[[nodiscard]] std::string source_after(const FlowSource& flow, unsigned edits);

}  // namespace daybook::demo
