// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <set>

#include "daybook/query/values.h"

namespace daybook::query {
namespace {

struct Mapping {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t stride;
  std::uint32_t to;  // Of `first`.
};
struct Range {
  std::uint32_t first;
  std::uint32_t last;
};
#include "folding_table.inc"

constexpr std::uint32_t kTableEnd = 0x20000;  // Above: ideographs only, nothing to fold.
constexpr std::uint32_t kIdeographsEnd = 0x40000;
constexpr std::uint32_t kBroken = 0xFFFFFFFF;  // Not UTF-8.
constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kDrop = 0xFFFFFFFE;  // An accent: belongs to the letter before it.

// Entry of a sorted table that holds `point`, or its end.
template <class Entry, std::size_t kSize>
const Entry* lookup(const Entry (&table)[kSize], std::uint32_t point) {
  const auto* at =
      std::lower_bound(std::begin(table), std::end(table), point,
                       [](const Entry& entry, std::uint32_t value) { return entry.last < value; });
  return at != std::end(table) && at->first <= point ? at : std::end(table);
}

std::uint32_t fold(std::uint32_t point) {
  if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + ('a' - 'A') : point;
  if (point >= kTableEnd) return point;
  if (lookup(kDropped, point) != std::end(kDropped)) return kDrop;
  const auto* mapping = lookup(kMapped, point);
  if (mapping == std::end(kMapped) || (point - mapping->first) % mapping->stride != 0) return point;
  return mapping->to + (point - mapping->first);
}

bool is_letter(std::uint32_t point) {
  if (point < 0x80) return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9');
  if (point >= kTableEnd) return point < kIdeographsEnd;  // Not the two values above.
  return lookup(kLetters, point) != std::end(kLetters);
}

// Takes one code point off the front. Lenient about overlong forms, strict about structure.
std::uint32_t take_point(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  text.remove_prefix(1);
  if (lead < 0x80) return lead;
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (more == 0 || lead > 0xF4 || text.size() < more) return kBroken;
  std::uint32_t point = lead & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0U) != 0x80) return kBroken;
    point = (point << 6U) | (byte & 0x3FU);
  }
  text.remove_prefix(more);
  return point;
}

void append_point(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto tail = [&](unsigned shift) { put(0x80U | ((point >> shift) & 0x3FU)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    tail(6);
    tail(0);
  } else {
    put(0xF0U | (point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Resources whose one word is made of several.
struct Compound {
  std::string_view resource;
  std::string_view words;
};
constexpr auto kCompounds = std::to_array<Compound>({
    {"AUDITLOG", "audit log"},
    {"KVSTORE", "kv store"},
    {"TESTSUITE", "test suite"},
    {"TESTSUITE_RUN", "test suite run"},
});

using Visit = std::function<void(std::string_view)>;

void visit_json(const record::Json& value, bool numbers, const Visit& visit) {
  if (value.is_string()) {
    visit(value.get_ref<const std::string&>());
  } else if (value.is_number()) {
    if (numbers) visit(detail_text(value));
  } else if (value.is_structured()) {
    for (const auto& member : value) visit_json(member, numbers, visit);
  }
}

}  // namespace

void for_each_token(std::string_view text, const Visit& visit) {
  std::string token;
  while (!text.empty()) {
    const auto point = fold(take_point(text));
    if (point == kDrop) continue;
    if (point != kBroken && is_letter(point)) {
      append_point(token, point);
      continue;
    }
    if (!token.empty()) visit(token);
    token.clear();
  }
  if (!token.empty()) visit(token);
}

std::vector<std::string> tokens(std::string_view text) {
  std::vector<std::string> out;
  for_each_token(text, [&out](std::string_view token) { out.emplace_back(token); });
  return out;
}

std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto point = fold(take_point(text));
    // What was broken must not become whole once an accent between it is gone.
    if (point != kDrop) append_point(out, point == kBroken ? kReplacement : point);
  }
  return out;
}

void for_each_text(const record::Event& event, const Visit& visit) {
  visit(event.resource);
  for (const auto& compound : kCompounds) {
    if (compound.resource == event.resource) visit(compound.words);
  }
  visit(event.action);
  const auto& actor = event.actor;
  for (const auto& value : {user_id_value(event.actor_kind, actor.user_id),
                            username_value(event.actor_kind, actor.user_id, actor.username)}) {
    if (value) visit(*value);
  }
  for (const auto* value : {&actor.name, &actor.email, &event.message, &event.reason}) {
    if (*value) visit(**value);
  }
  visit_json(event.detail, true, visit);
  visit_json(actor.subject, true, visit);
  const auto& change = event.change;
  visit_json(change.applied_patch, false, visit);
  visit_json(change.revert_patch, false, visit);
  if (change.before) visit_json(*change.before, false, visit);
  if (change.after) visit_json(*change.after, false, visit);
  if (change.excerpt) visit(*change.excerpt);
}

bool matches_text(const record::Event& event, const std::vector<std::string>& queries) {
  std::set<std::string, std::less<>> wanted;
  for (const auto& query : queries) {
    for_each_token(query, [&wanted](std::string_view token) { wanted.emplace(token); });
  }
  if (wanted.empty()) return true;
  for_each_text(event, [&wanted](std::string_view text) {
    if (wanted.empty()) return;
    for_each_token(text, [&wanted](std::string_view token) {
      if (const auto at = wanted.find(token); at != wanted.end()) wanted.erase(at);
    });
  });
  return wanted.empty();
}

}  // namespace daybook::query
