// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rule.h"

namespace daybook::kestra {

// Finds the rule of a path: of those that fit, the one with most fixed segments; among equals one
// without `**`, then the one that is fixed earlier.
//
// A tree by segments. A lookup visits at most two branches at each level, so its cost is bounded
// by the rules, not by the request. Immutable once built; any thread.
class Routes {
 public:
  // Keeps no reference to `rules`: results are their positions.
  explicit Routes(std::span<const Rule> rules);

  static constexpr int kNone = -1;
  // `segments` without the tenant; `tenant`: there was one.
  [[nodiscard]] int find(Method method, std::span<const std::string_view> segments,
                         bool tenant) const;

 private:
  using Slots = std::array<int, 2 * kMethods>;
  struct Node {
    std::map<std::string, std::uint32_t, std::less<>> fixed;
    std::uint32_t parameter = 0;  // 0: none; the root is nobody's child.
    Slots here;                   // Rule that ends here, by method and tenant.
    Slots rest;                   // Rule with `**` here.
  };
  struct Search;

  std::uint32_t add_node();
  void add(const Rule& rule, int position);
  void visit(Search& search, std::uint32_t node, std::size_t depth, unsigned fixed,
             std::uint64_t mask) const;

  std::vector<Node> nodes_;
};

}  // namespace daybook::kestra
