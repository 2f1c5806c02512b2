// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "part_block.h"

namespace daybook::ledger {

// Decompressed blocks last used, for reads of single entries. Threads: any.
class BlockCache {
 public:
  // The serial number of an open segment, the kind, the block's number.
  using Key = std::tuple<std::uint64_t, std::size_t, std::size_t>;
  explicit BlockCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] std::shared_ptr<const Block> get(const Key& key);
  void put(const Key& key, std::shared_ptr<const Block> block);
  void clear();

 private:
  struct Slot {
    std::shared_ptr<const Block> block;
    std::list<Key>::iterator age;
  };
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Key> ages_;  // Last used first.
  std::map<Key, Slot> slots_;
};

}  // namespace daybook::ledger
