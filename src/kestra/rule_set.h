// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "routes.h"
#include "rule_file.h"

namespace daybook::kestra {

// A path cut into segments, as classification sees it.
struct PathView {
  static constexpr std::size_t kSegmentsMax = 40;

  std::array<std::string_view, kSegmentsMax> segments;  // Without context path and tenant.
  std::size_t count = 0;
  bool fits = true;         // false: too many segments, or no absolute path.
  bool context = false;     // A context path was cut off that the rule file does not name.
  std::string tenant;       // Empty: no tenant segment.
  std::string_view prefix;  // Context path, `/api/v1`, tenant: a piece of the path.
  std::string_view base;    // Context path and `/api/v1`.

  [[nodiscard]] std::span<const std::string_view> view() const { return {segments.data(), count}; }
};

// The rule file and its routes: the implementation of Rules.
class RuleSet final : public Rules {
 public:
  explicit RuleSet(RuleFile file);

  [[nodiscard]] const std::string& version() const override { return file_.version; }
  [[nodiscard]] std::size_t size() const override { return file_.rules.size(); }
  [[nodiscard]] Classification classify(const RequestView& request) const override;
  [[nodiscard]] Interpretation interpret(const RequestView& request, const Classification& what,
                                         const Captured& captured) const override;

  // For tests that walk through the file.
  [[nodiscard]] const RuleFile& file() const { return file_; }

 private:
  [[nodiscard]] PathView cut(std::string_view path) const;
  [[nodiscard]] const Rule* find(Method method, const PathView& path) const;
  [[nodiscard]] std::string target(const Target& target, const PathView& path,
                                   std::string_view query, bool& complete) const;
  void fill(const Rule& rule, const RequestView& request, const PathView& path,
            Classification& out) const;

  RuleFile file_;
  Routes routes_;
};

// The path with the key of every webhook as `***`, whatever else the path is.
[[nodiscard]] std::string hide_webhook_keys(std::string_view path);

}  // namespace daybook::kestra
