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
#include "daybook/query/aggregate.h"
#include "daybook/query/filter.h"

namespace daybook::search {

struct Page {
  std::vector<EntryIndex> entries;  // In the order asked for.
  std::uint64_t total = 0;          // All matches, exact.
  TreeSize tree_size;               // The answer is complete to this.
  std::optional<EntryIndex> next;   // Keyset paging: value for the following call.
};

// Matches of one filter, a piece at a time. Bound to the engine, which must outlive it, and to a
// tree size. The filter is compiled once; memory is constant. Threads: one at a time.
class Cursor {
 public:
  virtual ~Cursor() = default;
  // The following matches, at most `max`; none at the end.
  virtual Result<std::vector<EntryIndex>> next(std::size_t max) = 0;
};

// How many matches have each value. An entry without the field counts among the others.
struct Group {
  std::vector<std::string> key;  // A value for each field asked for.
  std::uint64_t count = 0;
};
struct Groups {
  std::vector<Group> top;  // By count descending, then key.
  std::uint64_t others = 0;
};
struct Bucket {
  UnixMillis from = 0;
  UnixMillis to = 0;  // Exclusive.
  std::uint64_t count = 0;
  std::vector<Group> groups;  // Of Aggregation::groups.top, the same order; without those of 0.
};
// The counts of groups.top and groups.others together are the total; so it is with each facet,
// whose total is that of its own filter. Without a field to group by, all are others.
struct Aggregation {
  TreeSize tree_size;
  std::uint64_t total = 0;
  Groups groups;
  std::vector<Groups> facets;  // In the order asked for.
  query::Interval interval;    // Of the buckets: what auto became.
  // Without gaps, from the first match to the last. Entries whose event part was erased have no
  // date and are in none.
  std::vector<Bucket> histogram;
};

// A call for each growth until it is destroyed.
class Subscription {
 public:
  virtual ~Subscription() = default;
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
  // After entries were erased: everything is read from the ledger anew, beside queries and add(),
  // and then takes the place of what there was, with all its values. A query or cursor that began
  // before keeps the old columns until it ends.
  virtual Status forget() = 0;

  // Errc::invalid if search.tree_size is above the current size.
  virtual Result<Page> search(const query::Search& search) const = 0;
  // Every match with index < below, the largest first; from <= index < below, the smallest first.
  // Errc::invalid if `below` is above the current size.
  virtual Result<std::unique_ptr<Cursor>> descending(const query::Filter& filter,
                                                     TreeSize below) const = 0;
  virtual Result<std::unique_ptr<Cursor>> ascending(const query::Filter& filter, EntryIndex from,
                                                    TreeSize below) const = 0;
  // Errc::invalid as search(), and for an interval that makes too many buckets; Errc::exhausted for
  // what would take too many reads or groups.
  virtual Result<Aggregation> aggregate(const query::Aggregate& request) const = 0;
  // `grown` is called with each new size once its rows can be found, on the thread that adds: it
  // must be short, must not add, subscribe or end a subscription. Never again once the
  // subscription's destructor has returned. The subscription may outlive the engine.
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(
      std::function<void(TreeSize)> grown) = 0;
  [[nodiscard]] virtual TreeSize size() const = 0;
  // Whether any entry of that tenant exists.
  [[nodiscard]] virtual bool has_tenant(std::string_view tenant) const = 0;
};

}  // namespace daybook::search
