// SPDX-License-Identifier: Apache-2.0
#include "routes.h"

#include <tuple>

namespace daybook::kestra {

namespace {

std::size_t slot(Method method, bool tenant) {
  return static_cast<std::size_t>(method) * 2 + (tenant ? 1 : 0);
}

}  // namespace

struct Routes::Search {
  std::span<const std::string_view> segments;
  std::size_t slot = 0;
  int best = kNone;
  std::tuple<unsigned, bool, std::uint64_t> score;

  void offer(int rule, unsigned fixed, bool exact, std::uint64_t mask) {
    if (rule == kNone) return;
    const std::tuple<unsigned, bool, std::uint64_t> offered{fixed, exact, mask};
    if (best == kNone || offered > score) {
      best = rule;
      score = offered;
    }
  }
};

Method parse_method(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Method>, 7> kWords = {
      {{"GET", Method::get},
       {"HEAD", Method::head},
       {"POST", Method::post},
       {"PUT", Method::put},
       {"PATCH", Method::patch},
       {"DELETE", Method::del},
       {"OPTIONS", Method::options}}};
  for (const auto& [name, method] : kWords) {
    if (name == word) return method;
  }
  return Method::other;
}

Routes::Routes(std::span<const Rule> rules) {
  add_node();
  for (std::size_t i = 0; i < rules.size(); ++i) add(rules[i], static_cast<int>(i));
}

std::uint32_t Routes::add_node() {
  Node node;
  node.here.fill(kNone);
  node.rest.fill(kNone);
  nodes_.push_back(std::move(node));
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void Routes::add(const Rule& rule, int position) {
  std::uint32_t at = 0;
  bool rest = false;
  for (const auto& segment : rule.segments) {
    if (segment.kind == Segment::Kind::rest) {
      rest = true;
      break;
    }
    if (segment.kind == Segment::Kind::parameter) {
      if (nodes_[at].parameter == 0) {
        const std::uint32_t made = add_node();
        nodes_[at].parameter = made;
      }
      at = nodes_[at].parameter;
      continue;
    }
    const auto found = nodes_[at].fixed.find(segment.text);
    if (found != nodes_[at].fixed.end()) {
      at = found->second;
      continue;
    }
    const std::uint32_t made = add_node();
    nodes_[at].fixed.emplace(segment.text, made);
    at = made;
  }
  Slots& slots = rest ? nodes_[at].rest : nodes_[at].here;
  if (!rule.tenant) {
    slots[slot(rule.method, false)] = position;
    return;
  }
  // Kestra before 0.23 had no tenant segment. A rule written without one is the better fit there.
  slots[slot(rule.method, true)] = position;
  int& without = slots[slot(rule.method, false)];
  if (without == kNone) without = position;
}

int Routes::find(Method method, std::span<const std::string_view> segments, bool tenant) const {
  if (segments.size() > 64) return kNone;
  Search search{segments, slot(method, tenant), kNone, {}};
  visit(search, 0, 0, 0, 0);
  return search.best;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the longest rule, at most 32.
void Routes::visit(Search& search, std::uint32_t at, std::size_t depth, unsigned fixed,
                   std::uint64_t mask) const {
  const Node& node = nodes_[at];
  search.offer(node.rest[search.slot], fixed, false, mask);
  if (depth == search.segments.size()) {
    search.offer(node.here[search.slot], fixed, true, mask);
    return;
  }
  const std::string_view segment = search.segments[depth];
  if (const auto found = node.fixed.find(segment); found != node.fixed.end()) {
    visit(search, found->second, depth + 1, fixed + 1, mask | (1ULL << (63 - depth)));
  }
  if (node.parameter != 0 && !segment.empty()) {
    visit(search, node.parameter, depth + 1, fixed, mask);
  }
}

}  // namespace daybook::kestra
