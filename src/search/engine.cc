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

class ColumnEngine final : public Engine {
 public:
  explicit ColumnEngine(const ledger::Reader& reader) : reader_(reader) {}

  Status rebuild(const std::function<void(std::uint64_t, std::uint64_t)>& progress) override {
    const std::scoped_lock lock(writer_);
    return catch_up(reader_.size(), progress);
  }

  void add(const std::vector<ledger::StoredEntry>& group) override {
    if (group.empty()) return;
    const std::scoped_lock lock(writer_);
    // Entries between what was indexed and this group are durable: a rebuild before may have missed
    // them.
    if (group.front().index.value() > columns_.rows()) {
      DAYBOOK_CHECK(catch_up(TreeSize(group.front().index.value()), {}));
    }
    const auto before = columns_.rows();
    for (const auto& entry : group) {
      if (entry.index.value() == columns_.rows()) DAYBOOK_CHECK(append(entry));
    }
    if (columns_.rows() > before) subscribers_->tell(size());
  }

  Result<Page> search(const query::Search& search) const override {
    DAYBOOK_ASSIGN_OR_RETURN(const auto snapshot, pinned(search.tree_size));
    Scan scan(search.filter, columns_, reader_, snapshot, kReadsMax);
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
      rows = sorted_page(matches, columns_, snapshot, search.sort, offset, search.size);
    }
    page.entries.reserve(rows.size());
    for (const auto row : rows) page.entries.emplace_back(row);
    return page;
  }

  Result<std::unique_ptr<Cursor>> descending(const query::Filter& filter,
                                             TreeSize below) const override {
    DAYBOOK_ASSIGN_OR_RETURN(auto snapshot, pinned(below));
    return make_cursor(filter, Direction::descending, columns_, reader_, std::move(snapshot), 0);
  }

  Result<std::unique_ptr<Cursor>> ascending(const query::Filter& filter, EntryIndex from,
                                            TreeSize below) const override {
    DAYBOOK_ASSIGN_OR_RETURN(auto snapshot, pinned(below));
    const auto first = std::min<std::uint64_t>(from.value(), snapshot.rows);
    return make_cursor(filter, Direction::ascending, columns_, reader_, std::move(snapshot),
                       static_cast<Row>(first));
  }

  Result<Aggregation> aggregate(const query::Aggregate& request) const override {
    DAYBOOK_ASSIGN_OR_RETURN(const auto snapshot, pinned(request.tree_size));
    return count_matches(request, columns_, reader_, snapshot, kReadsMax);
  }

  std::unique_ptr<Subscription> subscribe(std::function<void(TreeSize)> grown) override {
    return subscribers_->add(std::move(grown));
  }

  TreeSize size() const override { return TreeSize(columns_.rows()); }

  bool has_tenant(std::string_view tenant) const override {
    return columns_.dictionary(Column::tenant_id).find(tenant) != kAbsent;
  }

 private:
  Result<Snapshot> pinned(std::optional<TreeSize> tree_size) const {
    const auto rows = columns_.rows();
    if (!tree_size) return columns_.snapshot(rows);
    if (tree_size->value() > rows) {
      return Error{Errc::invalid,
                   fmt::format("tree size {} is above the current {}", tree_size->value(), rows),
                   "treeSize"};
    }
    return columns_.snapshot(static_cast<Row>(tree_size->value()));
  }

  Status append(const ledger::StoredEntry& entry) {
    auto facts = extractor_.extract(entry.parts);
    if (!facts) {
      return Error{Errc::corrupt,
                   fmt::format("entry {}: {}", entry.index.value(), facts.error().context)};
    }
    columns_.append(**facts);
    return {};
  }

  Status catch_up(TreeSize end, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    Status status;
    const auto visit = [&](const ledger::StoredEntry& entry) {
      status = append(entry);
      const auto done = entry.index.value() + 1;
      if (progress && done % kProgressEvery == 0) progress(done, end.value());
      return status.has_value();
    };
    DAYBOOK_RETURN_IF_ERROR(
        reader_.scan(EntryIndex(columns_.rows()), EntryIndex(end.value()), visit));
    DAYBOOK_RETURN_IF_ERROR(std::move(status));
    if (progress) progress(end.value(), end.value());
    return {};
  }

  const ledger::Reader& reader_;
  std::mutex writer_;  // rebuild() and add() exclude each other.
  FactExtractor extractor_;
  Columns columns_;
  std::shared_ptr<Subscribers> subscribers_ = std::make_shared<Subscribers>();
};

}  // namespace

std::unique_ptr<Engine> Engine::make(const ledger::Reader& reader) {
  return std::make_unique<ColumnEngine>(reader);
}

}  // namespace daybook::search
