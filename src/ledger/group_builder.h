// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "daybook/ledger/ledger.h"

#include "store.h"

namespace daybook::ledger {

// A caller's batch on its way through the writer.
struct Waiting {
  std::vector<Draft> drafts;
  std::function<void(Result<Appended>)> done;
  std::uint64_t bytes = 0;  // What it counts for in the queue.
};
// Bytes a draft will take in the journal, plus what it holds only while waiting.
[[nodiscard]] std::uint64_t draft_bytes(const Draft& draft);

// Collects batches into one group: numbers the new drafts, finds repeats, refuses batches that
// contradict what is there. Drafts must stay where they are until the group is done.
class GroupBuilder {
 public:
  // The group will begin at entry `first`.
  GroupBuilder(const Store& store, std::uint64_t first) : store_(store), first_(first) {}

  // All of the batch or nothing. Errc::exists with the position in the batch as offset, and the
  // path `erased` if the entry of that name lost a part; Errc::exhausted if it is too large;
  // Errc::corrupt or Errc::io if an earlier entry could not be read.
  Result<Appended> add(std::vector<Draft>& batch);

  // The new drafts, in order, and their leaves.
  [[nodiscard]] const std::vector<Draft*>& fresh() const { return fresh_; }
  [[nodiscard]] const std::vector<Hash>& leaves() const { return leaves_; }
  [[nodiscard]] std::uint64_t payload_bytes() const { return payload_bytes_; }

 private:
  struct KeyHash {
    using is_avalanching = void;
    std::size_t operator()(const IdKey& key) const noexcept {
      std::size_t hash = 0;
      std::memcpy(&hash, key.data(), sizeof hash);
      return hash;
    }
  };

  Result<Appended> resolve(std::vector<Draft>& batch);
  // The receipt of an earlier entry of the same name, nullopt if there is none, Errc::exists if it
  // differs.
  Result<std::optional<Receipt>> repeat_of(const Draft& draft) const;
  void roll_back(std::size_t fresh_count, std::uint64_t payload_bytes);

  const Store& store_;
  const std::uint64_t first_;
  std::vector<Draft*> fresh_;
  std::vector<Hash> leaves_;
  std::uint64_t payload_bytes_ = 0;
  boost::unordered_flat_map<IdKey, std::size_t, KeyHash> in_group_;  // Position in fresh_.
};

}  // namespace daybook::ledger
