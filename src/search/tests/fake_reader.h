// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "daybook/core/check.h"
#include "daybook/ledger/reader.h"
#include "daybook/record/event.h"
#include "daybook/record/parts.h"

namespace daybook::search {

// Entries in memory behind ledger::Reader: only what search calls. Counts how many entries were
// read. Threads: as the real one.
class FakeReader final : public ledger::Reader {
 public:
  // The entry as an observer would be told of it.
  ledger::StoredEntry append(const record::Event& event) {
    ledger::StoredEntry entry;
    entry.parts = record::encode(event);
    const std::unique_lock lock(mutex_);
    entry.index = EntryIndex(entries_.size());
    keys_[ledger::id_key(event.tenant_id.value_or(""), event.id)] = entry.index;
    entries_.push_back(entry);
    return entry;
  }
  // Makes the stored event part unreadable.
  void damage(EntryIndex index) { entries_[index.value()].parts.bytes[0] = "{"; }

  // As the ledger does when it erases the actor part.
  void erase_actor(EntryIndex index) {
    const std::unique_lock lock(mutex_);
    entries_[index.value()].parts.bytes[1].clear();
    entries_[index.value()].erased = 2;
  }

  [[nodiscard]] const std::string& origin() const override { return origin_; }
  [[nodiscard]] std::vector<std::string> keys() const override { return {}; }
  [[nodiscard]] TreeSize size() const override {
    const std::shared_lock lock(mutex_);
    return TreeSize(entries_.size());
  }
  [[nodiscard]] Result<ledger::StoredEntry> read(EntryIndex index) const override {
    const std::shared_lock lock(mutex_);
    if (index.value() >= entries_.size()) return Error{Errc::not_found, "past the end"};
    ++reads_;
    return entries_[index.value()];
  }
  Status scan(EntryIndex from, EntryIndex to,
              const std::function<bool(const ledger::StoredEntry&)>& visit) const override {
    for (auto at = from.value(); at < to.value(); ++at) {
      DAYBOOK_ASSIGN_OR_RETURN(const auto entry, read(EntryIndex(at)));
      if (!visit(entry)) break;
    }
    return {};
  }
  [[nodiscard]] std::optional<EntryIndex> find(const ledger::IdKey& key) const override {
    const std::shared_lock lock(mutex_);
    const auto at = keys_.find(key);
    return at == keys_.end() ? std::nullopt : std::optional(at->second);
  }
  [[nodiscard]] std::uint64_t reads() const { return reads_; }

  [[nodiscard]] Hash leaf_hash(EntryIndex) const override { return not_asked<Hash>(); }
  [[nodiscard]] Hash root(TreeSize) const override { return not_asked<Hash>(); }
  [[nodiscard]] Result<std::vector<Hash>> inclusion_proof(EntryIndex, TreeSize) const override {
    return not_asked<std::vector<Hash>>();
  }
  [[nodiscard]] Result<std::vector<Hash>> consistency_proof(TreeSize, TreeSize) const override {
    return not_asked<std::vector<Hash>>();
  }
  [[nodiscard]] ledger::PublishedCheckpoint latest_checkpoint() const override {
    return not_asked<ledger::PublishedCheckpoint>();
  }
  [[nodiscard]] Result<ledger::PublishedCheckpoint> checkpoint_at(TreeSize) const override {
    return not_asked<ledger::PublishedCheckpoint>();
  }
  [[nodiscard]] Result<Bytes> tile(const ledger::TileName&) const override {
    return not_asked<Bytes>();
  }

 private:
  template <class T>
  static T not_asked() {
    DAYBOOK_CHECK(false && "search reads entries only");
    return {};
  }

  std::string origin_ = "daybook/test";
  mutable std::shared_mutex mutex_;
  mutable std::atomic<std::uint64_t> reads_{0};
  std::vector<ledger::StoredEntry> entries_;
  std::map<ledger::IdKey, EntryIndex> keys_;
};

}  // namespace daybook::search
