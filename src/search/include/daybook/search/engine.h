// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/query/filter.h"

namespace daybook::search {

struct Page {
  std::vector<EntryIndex> entries;  // In the order asked for.
  std::uint64_t total = 0;          // All matches, exact.
  TreeSize tree_size;               // The answer is complete to this.
  std::optional<EntryIndex> next;   // Keyset paging: value for the following call.
};

// Embedded search over a ledger: derived columns in memory, rows read from the ledger.
// Rebuilt by scanning; fed by the ledger's observer, so that an acknowledged entry is found by the
// next query.
//
// Threads: add() from the ledger's writer thread; everything else from any thread, beside it.
// Memory:  at most about 120 bytes an entry plus one copy of each distinct value.
class Engine {
 public:
  // Bound to a reader that outlives it; empty until rebuild() or add().
  static std::unique_ptr<Engine> make(const ledger::Reader& reader);
  virtual ~Engine() = default;

  // Scans the whole ledger, with progress. Before serving.
  virtual Status rebuild(
      const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) = 0;
  virtual void add(const std::vector<ledger::StoredEntry>& group) = 0;

  // Errc::invalid if search.tree_size is above the current size.
  virtual Result<Page> search(const query::Search& search) const = 0;
  // Every match with index < tree size, by descending index, until `visit` returns false. Constant
  // memory.
  virtual Status for_each(const query::Search& search, TreeSize tree_size,
                          const std::function<bool(EntryIndex)>& visit) const = 0;
  [[nodiscard]] virtual TreeSize size() const = 0;
  // Whether any entry of that tenant exists.
  [[nodiscard]] virtual bool has_tenant(std::string_view tenant) const = 0;
};

}  // namespace daybook::search
