// SPDX-License-Identifier: Apache-2.0
#include "dictionary.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numeric>

#include "daybook/core/check.h"

namespace daybook::search {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;

// Multiply and fold: every bit of the input reaches every bit of the result.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t load(const char* at, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, bytes);
  return word;
}

}  // namespace

std::uint32_t Dictionary::hash(std::string_view text) const {
  std::uint64_t state = mix(seed_ ^ text.size(), kMultiplier);
  const char* at = text.data();
  auto left = text.size();
  for (; left > sizeof(std::uint64_t); at += sizeof(std::uint64_t), left -= sizeof(std::uint64_t)) {
    state = mix(state ^ load(at, sizeof(std::uint64_t)), kMultiplier ^ seed_);
  }
  state = mix(state ^ (left > 0 ? load(at, left) : 0), kMultiplier ^ seed_);
  return static_cast<std::uint32_t>(state ^ (state >> 32U));
}

ValueId Dictionary::lookup(std::string_view text, std::uint32_t hash) const {
  if (slots_.empty()) return kAbsent;
  const auto mask = slots_.size() - 1;
  for (auto slot = hash & mask;; slot = (slot + 1) & mask) {
    const auto id = slots_[slot];
    if (id == kAbsent) return kAbsent;
    const auto& candidate = value(id);
    if (candidate.hash == hash && text_of(candidate) == text) return id;
  }
}

void Dictionary::insert_slot(ValueId id, std::uint32_t hash) {
  const auto mask = slots_.size() - 1;
  auto slot = hash & mask;
  while (slots_[slot] != kAbsent) slot = (slot + 1) & mask;
  slots_[slot] = id;
}

void Dictionary::grow_slots() {
  constexpr std::size_t kSlotsMin = 16;
  slots_.assign(std::max(kSlotsMin, slots_.size() * 2), kAbsent);
  for (ValueId id = 1; id <= size(); ++id) insert_slot(id, value(id).hash);
}

ValueId Dictionary::intern(std::string_view text) {
  const auto hashed = hash(text);
  if (const auto known = lookup(text, hashed); known != kAbsent) return known;
  const auto stored = arena_.append(text);
  const ValueId id = size() + 1;
  DAYBOOK_CHECK(id < kOther);
  const std::unique_lock lock(mutex_);
  if ((id - 1) % kChunkValues == 0) chunks_.push_back(std::make_unique<Value[]>(kChunkValues));
  auto& fresh = value(id);
  fresh.text = stored.data();
  fresh.bytes = static_cast<std::uint32_t>(stored.size());
  fresh.hash = hashed;
  fresh.last_row.store(kNoRow, std::memory_order_relaxed);
  if (std::size_t{3} * id > 2 * slots_.size()) grow_slots();
  insert_slot(id, hashed);
  size_.store(id, std::memory_order_release);
  return id;
}

void Dictionary::note_row(ValueId id, Row row) {
  auto& noted = value(id);
  noted.count.fetch_add(1, std::memory_order_relaxed);
  noted.last_row.store(row, std::memory_order_release);
}

ValueId Dictionary::find(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  return lookup(text, hash(text));
}

std::string_view Dictionary::text(ValueId id) const {
  const std::shared_lock lock(mutex_);
  return text_of(value(id));
}

void Dictionary::for_each(const std::function<void(ValueId, std::string_view)>& visit) const {
  const std::shared_lock lock(mutex_);
  for (ValueId id = 1; id <= size(); ++id) visit(id, text_of(value(id)));
}

std::vector<ValueId> Dictionary::find_all(const std::function<bool(std::string_view)>& fits) const {
  std::vector<ValueId> found;
  for_each([&](ValueId id, std::string_view text) {
    if (fits(text)) found.push_back(id);
  });
  return found;
}

std::vector<std::string_view> Dictionary::texts() const {
  std::vector<std::string_view> texts(1);
  texts.reserve(std::size_t{size()} + 1);
  for_each([&texts](ValueId, std::string_view text) { texts.push_back(text); });
  return texts;
}

std::vector<std::uint32_t> Dictionary::ranks() const {
  const auto texts = this->texts();  // They never move: they can be sorted without the lock.
  std::vector<ValueId> order(texts.size() - 1);
  std::iota(order.begin(), order.end(), ValueId{1});
  std::sort(order.begin(), order.end(),
            [&texts](ValueId a, ValueId b) { return texts[a] < texts[b]; });
  std::vector<std::uint32_t> ranks(texts.size(), 0);
  for (std::uint32_t i = 0; i < order.size(); ++i) ranks[order[i]] = i + 1;
  return ranks;
}

std::uint32_t Dictionary::count(ValueId id) const {
  const std::shared_lock lock(mutex_);
  return value(id).count.load(std::memory_order_relaxed);
}

Row Dictionary::last_row(ValueId id) const {
  const std::shared_lock lock(mutex_);
  return value(id).last_row.load(std::memory_order_acquire);
}

}  // namespace daybook::search
