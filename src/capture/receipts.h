// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daybook/ledger/ledger.h"
#include "daybook/net/http.h"

namespace daybook::capture {

// What an ingest request has got so far, and its answer.
class Receipts {
 public:
  // Whether `results` will list every event.
  explicit Receipts(bool listed) : listed_(listed) {}

  // `ids`: one a receipt, in order; may be empty if not listed.
  void add(const ledger::Appended& appended, const std::vector<std::string>& ids);

  [[nodiscard]] bool listed() const { return listed_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t created() const { return created_; }

  // 201, or 200 if all were duplicates: `{"count","created","firstIndex","treeSize","results"}`.
  [[nodiscard]] net::Response answer() const;

 private:
  bool listed_;
  std::uint64_t count_ = 0;
  std::uint64_t created_ = 0;
  std::uint64_t tree_size_ = 0;
  std::optional<EntryIndex> first_;
  std::string results_;  // Items of the JSON array, with commas between.
};

}  // namespace daybook::capture
