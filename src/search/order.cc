// SPDX-License-Identifier: Apache-2.0
#include "order.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace daybook::search {
namespace {

using query::Sort;

// Calls `visit(row)` by descending row until it returns false. `skip(block)` may leave blocks out.
template <class Visit, class Skip>
void descend(const MatchSet& matches, const Visit& visit, const Skip& skip) {
  if (matches.listed) {
    for (const auto row : matches.rows) {
      if (!visit(row)) return;
    }
    return;
  }
  for (auto number = matches.blocks.size(); number-- > 0;) {
    if (skip(number)) continue;
    for (auto i = kWordsPerBlock; i-- > 0;) {
      auto left = matches.blocks[number][i];
      while (left != 0) {
        const auto bit = 63U - static_cast<unsigned>(std::countl_zero(left));
        left &= ~(1ULL << bit);
        if (!visit(static_cast<Row>(number * kBlockRows + i * 64 + bit))) return;
      }
    }
  }
}

template <class Visit>
void ascend(const MatchSet& matches, const Visit& visit) {
  if (matches.listed) {
    for (auto at = matches.rows.rbegin(); at != matches.rows.rend(); ++at) {
      if (!visit(*at)) return;
    }
    return;
  }
  for (std::size_t number = 0; number < matches.blocks.size(); ++number) {
    for (std::size_t i = 0; i < kWordsPerBlock; ++i) {
      for (auto left = matches.blocks[number][i]; left != 0; left &= left - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(left));
        if (!visit(static_cast<Row>(number * kBlockRows + i * 64 + bit))) return;
      }
    }
  }
}

class RowOrder {
 public:
  RowOrder(const Columns& columns, const Snapshot& snapshot, const std::vector<Sort>& sort)
      : snapshot_(snapshot) {
    for (const auto& one : sort) keys_.push_back(key(columns, one));
    if (keys_.empty()) keys_.push_back({.by = Sort::By::date});
    latest_first_ = keys_.front().by == Sort::By::date && keys_.front().descending;
  }

  [[nodiscard]] bool operator()(Row a, Row b) const {
    for (const auto& key : keys_) {
      const int sign = compare(key, a, b);
      if (sign != 0) return key.descending ? sign > 0 : sign < 0;
    }
    return keys_.back().descending ? a > b : a < b;
  }

  // Whether no row of the block can come before `row`.
  [[nodiscard]] bool all_behind(std::size_t block, Row row) const {
    if (!latest_first_) return false;
    return snapshot_.blocks[block]->latest.load(std::memory_order_relaxed) < date(row);
  }

 private:
  struct Key {
    Sort::By by = Sort::By::date;
    bool descending = true;
    Column column = Column::action;
    std::vector<std::uint32_t> ranks = {};  // Of the column's values.
  };

  static Key key(const Columns& columns, const Sort& sort) {
    Key out{.by = sort.by, .descending = sort.descending};
    if (sort.by == Sort::By::resource) out.column = Column::resource;
    if (sort.by == Sort::By::user_id) out.column = Column::user_id;
    if (sort.by != Sort::By::date && sort.by != Sort::By::id) {
      out.ranks = columns.dictionary(out.column).ranks();
    }
    return out;
  }

  [[nodiscard]] UnixMillis date(Row row) const {
    return snapshot_.block_of(row).date[row % kBlockRows];
  }

  [[nodiscard]] int compare(const Key& key, Row a, Row b) const {
    const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
    if (key.by == Sort::By::date) return order(date(a), date(b));
    if (key.by == Sort::By::id) {
      return order(snapshot_.block_of(a).id(a % kBlockRows),
                   snapshot_.block_of(b).id(b % kBlockRows));
    }
    return order(key.ranks[snapshot_.value(key.column, a)],
                 key.ranks[snapshot_.value(key.column, b)]);
  }

  const Snapshot& snapshot_;
  std::vector<Key> keys_;
  bool latest_first_ = false;
};

}  // namespace

std::vector<Row> sorted_page(const MatchSet& matches, const Columns& columns,
                             const Snapshot& snapshot, const std::vector<Sort>& sort,
                             std::uint64_t offset, std::uint64_t size) {
  if (offset >= matches.total || size == 0) return {};
  const auto wanted = static_cast<std::size_t>(std::min(matches.total, offset + size));
  const RowOrder order(columns, snapshot, sort);

  // Keeps the `wanted` best among at most twice as many; `worst` is the last of them once there are
  // enough.
  std::vector<Row> best;
  best.reserve(std::min<std::size_t>(2 * wanted, matches.total));
  std::optional<Row> worst;
  const auto cut = [&] {
    const auto last = best.begin() + static_cast<std::ptrdiff_t>(wanted) - 1;
    std::nth_element(best.begin(), last, best.end(), order);
    worst = *last;
    best.resize(wanted);
  };
  const auto visit = [&](Row row) {
    if (worst && !order(row, *worst)) return true;
    best.push_back(row);
    if (best.size() >= 2 * wanted) cut();
    return true;
  };
  descend(matches, visit, [&](std::size_t block) {
    if (!worst && best.size() >= wanted) cut();
    return worst && order.all_behind(block, *worst);
  });
  const auto first = best.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto last = best.begin() + static_cast<std::ptrdiff_t>(wanted);
  if (last != best.end()) std::nth_element(best.begin(), last, best.end(), order);
  if (first != last) std::nth_element(best.begin(), first, last, order);
  std::sort(first, last, order);
  return {first, last};
}

KeysetPage page_before(const MatchSet& matches, std::uint64_t bound, std::uint64_t size) {
  KeysetPage page;
  descend(
      matches,
      [&](Row row) {
        if (row >= bound) return true;
        page.more = page.rows.size() == size;
        if (!page.more) page.rows.push_back(row);
        return !page.more;
      },
      [bound](std::size_t block) { return block * kBlockRows >= bound; });
  return page;
}

KeysetPage page_after(const MatchSet& matches, std::uint64_t bound, std::uint64_t size) {
  KeysetPage page;
  ascend(matches, [&](Row row) {
    if (row <= bound) return true;
    page.more = page.rows.size() == size;
    if (!page.more) page.rows.push_back(row);
    return !page.more;
  });
  std::reverse(page.rows.begin(), page.rows.end());
  return page;
}

}  // namespace daybook::search
