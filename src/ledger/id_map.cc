// SPDX-License-Identifier: Apache-2.0
#include "id_map.h"

#include <algorithm>
#include <cstring>

#include "daybook/core/check.h"

namespace daybook::ledger {

std::size_t IdMap::SlotHash::operator()(const Slot& slot) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, slot.prefix.data(), sizeof hash);
  return hash;
}

IdMap::Slot IdMap::slot_of(const IdKey& key, EntryIndex index) {
  DAYBOOK_CHECK(index.value() < (1ULL << 40U));
  Slot slot;
  std::copy_n(key.begin(), slot.prefix.size(), slot.prefix.begin());
  for (unsigned byte = 0; byte < slot.index.size(); ++byte) {
    slot.index[byte] = static_cast<std::uint8_t>(index.value() >> (8 * byte));
  }
  return slot;
}

void IdMap::insert(const IdKey& key, EntryIndex index) {
  if (!slots_.insert(slot_of(key, index)).second) same_prefix_.emplace(key, index);
}

std::optional<EntryIndex> IdMap::candidate(const IdKey& key) const {
  const auto found = slots_.find(slot_of(key, EntryIndex(0)));
  if (found == slots_.end()) return std::nullopt;
  std::uint64_t index = 0;
  for (unsigned byte = 0; byte < found->index.size(); ++byte) {
    index |= static_cast<std::uint64_t>(found->index[byte]) << (8 * byte);
  }
  return EntryIndex(index);
}

std::optional<EntryIndex> IdMap::same_prefix(const IdKey& key) const {
  const auto found = same_prefix_.find(key);
  if (found == same_prefix_.end()) return std::nullopt;
  return found->second;
}

}  // namespace daybook::ledger
