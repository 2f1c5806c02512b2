// SPDX-License-Identifier: Apache-2.0
#include "block_cache.h"

namespace daybook::ledger {

std::shared_ptr<const Block> BlockCache::get(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = slots_.find(key);
  if (found == slots_.end()) return nullptr;
  ages_.splice(ages_.begin(), ages_, found->second.age);
  return found->second.block;
}

void BlockCache::put(const Key& key, std::shared_ptr<const Block> block) {
  const std::size_t bytes = block->raw.size();
  if (bytes > bytes_max_ / 4) return;  // One large part must not push out everything else.
  const std::scoped_lock lock(mutex_);
  if (slots_.contains(key)) return;
  ages_.push_front(key);
  slots_.emplace(key, Slot{std::move(block), ages_.begin()});
  bytes_ += bytes;
  while (bytes_ > bytes_max_) {
    const auto oldest = slots_.find(ages_.back());
    bytes_ -= oldest->second.block->raw.size();
    slots_.erase(oldest);
    ages_.pop_back();
  }
}

void BlockCache::clear() {
  const std::scoped_lock lock(mutex_);
  slots_.clear();
  ages_.clear();
  bytes_ = 0;
}

}  // namespace daybook::ledger
