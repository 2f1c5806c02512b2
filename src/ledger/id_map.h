// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include <boost/unordered/unordered_flat_set.hpp>

#include "daybook/ledger/reader.h"

namespace daybook::ledger {

// Entry names to positions, compact: the first 8 bytes of a key and 5 of the index; about 13 to 30
// bytes an entry. Keys that share their first 8 bytes (2^32 work to make on purpose) stand whole in
// a second map, so that a lookup of one never gives the other.
//
// Threads: the caller's lock. Ledgers up to 2^40 entries.
class IdMap {
 public:
  // `key` must be new. A key whose prefix is taken is taken for another one with the same prefix.
  void insert(const IdKey& key, EntryIndex index);

  // Where `key` may be: by prefix, not confirmed. nullopt: certainly not there.
  [[nodiscard]] std::optional<EntryIndex> candidate(const IdKey& key) const;
  // For a candidate that turned out to have another name.
  [[nodiscard]] std::optional<EntryIndex> same_prefix(const IdKey& key) const;

  [[nodiscard]] std::size_t size() const { return slots_.size() + same_prefix_.size(); }

 private:
  struct Slot {
    std::array<std::uint8_t, 8> prefix{};
    std::array<std::uint8_t, 5> index{};
    friend bool operator==(const Slot& a, const Slot& b) { return a.prefix == b.prefix; }
  };
  struct SlotHash {
    using is_avalanching = void;  // Prefixes are SHA-256 output.
    std::size_t operator()(const Slot& slot) const noexcept;
  };
  static Slot slot_of(const IdKey& key, EntryIndex index);

  boost::unordered_flat_set<Slot, SlotHash> slots_;
  std::map<IdKey, EntryIndex> same_prefix_;
};

}  // namespace daybook::ledger
