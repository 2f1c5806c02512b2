// SPDX-License-Identifier: Apache-2.0
#include "daybook/search/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "daybook/core/check.h"

#include "aggregate.h"
#include "columns.h"
#include "cursor.h"
#include "facts.h"
#include "order.h"
#include "scan.h"
#include "subscribers.h"

namespace daybook::search {
namespace {

// Entries one search may read beside the columns (full text, rare detail keys): a bound on its
// time.
constexpr std::uint64_t kReadsMax = 1'000'000;
constexpr std::uint64_t kProgressEvery = 16'384;

using SharedColumns = std::shared_ptr<Columns>;

// A cursor and the columns it goes over, which a later forget() replaces.
class PinnedCursor final : public Cursor {
 public:
  PinnedCursor(SharedColumns columns, std::unique_ptr<Cursor> cursor)
      : columns_(std::move(columns)), cursor_(std::move(cursor)) {}
  Result<std::vector<EntryIndex>> next(std::size_t max) override { return cursor_->next(max); }

 private:
  const SharedColumns columns_;  // First: it goes last.
  const std::unique_ptr<Cursor> cursor_;
};

class ColumnEngine final : public Engine {
 public:
  explicit ColumnEngine(const ledger::Reader& reader) : reader_(reader) {}

  Status rebuild(const std::function<void(std::uint64_t, std::uint64_t)>& progress) override {
    const std::scoped_lock lock(writer_);
    return catch_up(*columns(), extractor_, reader_.size(), progress);
  }

  void add(const std::vector<ledger::StoredEntry>& group) override {
    if (group.empty()) return;
    const std::scoped_lock lock(writer_);
    Columns& rows = *columns();
    // Entries between what was indexed and this group are durable: a rebuild before may have missed
    // them.
    if (group.front().index.value() > rows.rows()) {
      DAYBOOK_CHECK(catch_up(rows, extractor_, TreeSize(group.front().index.value()), {}));
    }
    const auto before = rows.rows();
    for (const auto& entry : group) {
      if (entry.index.value() == rows.rows()) DAYBOOK_CHECK(append(rows, extractor_, entry));
    }
    if (rows.rows() > before) subscribers_->tell(size());
  }

  // Most of it beside the writer; only what came meanwhile holds it up.
  Status forget() override {
    const std::scoped_lock one(forgetting_);
    const auto fresh = std::make_shared<Columns>();
    FactExtractor extractor;
    DAYBOOK_RETURN_IF_ERROR(catch_up(*fresh, extractor, size(), {}));
    const std::scoped_lock lock(writer_);
    DAYBOOK_RETURN_IF_ERROR(catch_up(*fresh, extractor, size(), {}));
    const std::scoped_lock swapping(columns_mutex_);
    columns_ = fresh;
    return {};
  }

  Result<Page> search(const query::Search& search) const override {
    const auto rows_of = columns();
    DAYBOOK_ASSIGN_OR_RETURN(const auto snapshot, pinned(*rows_of, search.tree_size));
    Scan scan(search.filter, *rows_of, reader_, snapshot, kReadsMax);
    DAYBOOK_ASSIGN_OR_RETURN(const auto matches, scan.run());
    Page page{
        .entries = {}, .total = matches.total, .tree_size = TreeSize(snapshot.rows), .next = {}};
    std::vector<Row> rows;
    if (search.before || search.after) {
      auto keyset = search.before ? page_before(matches, search.before->value(), search.size)
                                  : page_after(matches, search.after->value(), search.size);
      rows = std::move(keyset.rows);
      if (keyset.more) page.next = EntryIndex(search.before ? rows.back() : rows.front());
    } else {
      const auto offset = (std::max<std::uint64_t>(search.page, 1) - 1) * search.size;
      rows = sorted_page(matches, *rows_of, snapshot, search.sort, offset, search.size);
    }
    page.entries.reserve(rows.size());
    for (const auto row : rows) page.entries.emplace_back(row);
    return page;
  }

  Result<std::unique_ptr<Cursor>> descending(const query::Filter& filter,
                                             TreeSize below) const override {
    return cursor(filter, Direction::descending, EntryIndex(0), below);
  }

  Result<std::unique_ptr<Cursor>> ascending(const query::Filter& filter, EntryIndex from,
                                            TreeSize below) const override {
    return cursor(filter, Direction::ascending, from, below);
  }

  Result<Aggregation> aggregate(const query::Aggregate& request) const override {
    const auto rows_of = columns();
    DAYBOOK_ASSIGN_OR_RETURN(const auto snapshot, pinned(*rows_of, request.tree_size));
    return count_matches(request, *rows_of, reader_, snapshot, kReadsMax);
  }

  std::unique_ptr<Subscription> subscribe(std::function<void(TreeSize)> grown) override {
    return subscribers_->add(std::move(grown));
  }

  TreeSize size() const override { return TreeSize(columns()->rows()); }

  bool has_tenant(std::string_view tenant) const override {
    return columns()->dictionary(Column::tenant_id).find(tenant) != kAbsent;
  }

 private:
  [[nodiscard]] SharedColumns columns() const {
    const std::scoped_lock lock(columns_mutex_);
    return columns_;
  }

  static Result<Snapshot> pinned(const Columns& columns, std::optional<TreeSize> tree_size) {
    const auto rows = columns.rows();
    if (!tree_size) return columns.snapshot(rows);
    if (tree_size->value() > rows) {
      return Error{Errc::invalid,
                   fmt::format("tree size {} is above the current {}", tree_size->value(), rows),
                   "treeSize"};
    }
    return columns.snapshot(static_cast<Row>(tree_size->value()));
  }

  Result<std::unique_ptr<Cursor>> cursor(const query::Filter& filter, Direction direction,
                                         EntryIndex from, TreeSize below) const {
    auto rows = columns();
    DAYBOOK_ASSIGN_OR_RETURN(auto snapshot, pinned(*rows, below));
    const auto first = static_cast<Row>(std::min<std::uint64_t>(from.value(), snapshot.rows));
    auto made = make_cursor(filter, direction, *rows, reader_, std::move(snapshot), first);
    return std::make_unique<PinnedCursor>(std::move(rows), std::move(made));
  }

  static Status append(Columns& columns, FactExtractor& extractor,
                       const ledger::StoredEntry& entry) {
    auto facts = extractor.extract(entry.parts);
    if (!facts) {
      return Error{Errc::corrupt,
                   fmt::format("entry {}: {}", entry.index.value(), facts.error().context)};
    }
    columns.append(**facts);
    return {};
  }

  Status catch_up(Columns& columns, FactExtractor& extractor, TreeSize end,
                  const std::function<void(std::uint64_t, std::uint64_t)>& progress) const {
    Status status;
    const auto visit = [&](const ledger::StoredEntry& entry) {
      status = append(columns, extractor, entry);
      const auto done = entry.index.value() + 1;
      if (progress && done % kProgressEvery == 0) progress(done, end.value());
      return status.has_value();
    };
    DAYBOOK_RETURN_IF_ERROR(
        reader_.scan(EntryIndex(columns.rows()), EntryIndex(end.value()), visit));
    DAYBOOK_RETURN_IF_ERROR(std::move(status));
    if (progress) progress(end.value(), end.value());
    return {};
  }

  const ledger::Reader& reader_;
  std::mutex writer_;      // rebuild() and add() exclude each other.
  std::mutex forgetting_;  // One at a time; taken before the writer's.
  FactExtractor extractor_;
  mutable std::mutex columns_mutex_;  // For the pointer.
  SharedColumns columns_ = std::make_shared<Columns>();
  std::shared_ptr<Subscribers> subscribers_ = std::make_shared<Subscribers>();
};

}  // namespace

std::unique_ptr<Engine> Engine::make(const ledger::Reader& reader) {
  return std::make_unique<ColumnEngine>(reader);
}

}  // namespace daybook::search
