// SPDX-License-Identifier: Apache-2.0
#include "aggregate.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "group_counts.h"
#include "scan.h"

namespace daybook::search {
namespace {

using Unit = query::Interval::Unit;

class Aggregator {
 public:
  Aggregator(const query::Aggregate& request, const Columns& columns, const ledger::Reader& reader,
             const Snapshot& snapshot, std::uint64_t reads_max)
      : request_(request),
        columns_(columns),
        reader_(reader),
        snapshot_(snapshot),
        reads_max_(reads_max),
        by_(request.by, columns, reader, snapshot, reads_max),
        erased_(columns.dictionary(Column::resource).find("")) {}

  Result<Aggregation> run() {
    DAYBOOK_ASSIGN_OR_RETURN(const auto matches, scan(request_.filter));
    Aggregation out;
    out.tree_size = TreeSize(snapshot_.rows);
    out.total = matches.total;
    if (!request_.by.empty()) DAYBOOK_RETURN_IF_ERROR(count(matches, by_));
    out.groups = by_.top(request_.top, request_.like, matches.total);
    for (const auto& field : request_.facets) {
      DAYBOOK_ASSIGN_OR_RETURN(auto facet, count_facet(field, matches));
      out.facets.push_back(std::move(facet));
    }
    out.interval = request_.interval;
    if (request_.interval.unit != Unit::none) DAYBOOK_RETURN_IF_ERROR(fill_histogram(matches, out));
    return out;
  }

 private:
  Result<MatchSet> scan(const query::Filter& filter) {
    Scan scan(filter, columns_, reader_, snapshot_, reads_max_);
    return scan.run();
  }

  static Status count(const MatchSet& matches, GroupCounts& into) {
    Status status;
    for_each_row(matches, [&](Row row) {
      if (status) status = into.add(row);
    });
    return status;
  }

  Result<Groups> count_facet(const query::GroupBy& field, const MatchSet& matches) {
    GroupCounts counts(std::span(&field, 1), columns_, reader_, snapshot_, reads_max_);
    const auto wider = query::without_field(request_.filter, field.field);
    if (wider == request_.filter) {
      DAYBOOK_RETURN_IF_ERROR(count(matches, counts));
      return counts.top(request_.top, std::nullopt, matches.total);
    }
    DAYBOOK_ASSIGN_OR_RETURN(const auto more, scan(wider));
    DAYBOOK_RETURN_IF_ERROR(count(more, counts));
    return counts.top(request_.top, std::nullopt, more.total);
  }

  [[nodiscard]] UnixMillis date(Row row) const {
    return snapshot_.block_of(row).date[row % kBlockRows];
  }
  // An entry whose event part was erased has no date any more; nor a resource, which all others
  // have.
  [[nodiscard]] bool has_date(Row row) const {
    return erased_ == kAbsent || snapshot_.value(Column::resource, row) != erased_;
  }

  Status fill_histogram(const MatchSet& matches, Aggregation& out) {
    UnixMillis first = INT64_MAX;
    UnixMillis last = INT64_MIN;
    for_each_row(matches, [&](Row row) {
      if (!has_date(row)) return;
      first = std::min(first, date(row));
      last = std::max(last, date(row));
    });
    if (first > last) return {};
    DAYBOOK_ASSIGN_OR_RETURN(
        const auto buckets,
        query::make_buckets(request_.interval, request_.time_zone, first, last));
    out.interval = buckets.interval;
    const auto& bounds = buckets.bounds;
    const auto shown = out.groups.top.size();
    std::vector<std::uint64_t> counts(bounds.size() - 1);
    std::vector<std::uint64_t> group_counts(counts.size() * shown);
    std::size_t bucket = 0;
    Status status;
    for_each_row(matches, [&](Row row) {
      if (!status || !has_date(row)) return;
      const auto at = date(row);
      if (at < bounds[bucket] || at >= bounds[bucket + 1]) bucket = bucket_of(bounds, at);
      ++counts[bucket];
      if (shown == 0) return;
      auto rank = by_.rank(row);
      if (!rank) {
        status = std::move(rank).error();
      } else if (*rank) {
        ++group_counts[bucket * shown + **rank];
      }
    });
    DAYBOOK_RETURN_IF_ERROR(std::move(status));
    for (std::size_t i = 0; i < counts.size(); ++i) {
      auto& one = out.histogram.emplace_back();
      one.from = bounds[i];
      one.to = bounds[i + 1];
      one.count = counts[i];
      for (std::size_t g = 0; g < shown; ++g) {
        const auto count = group_counts[i * shown + g];
        if (count > 0) one.groups.push_back({out.groups.top[g].key, count});
      }
    }
    return {};
  }

  static std::size_t bucket_of(const std::vector<UnixMillis>& bounds, UnixMillis at) {
    const auto after = std::upper_bound(bounds.begin(), bounds.end(), at);
    const auto position = std::max<std::ptrdiff_t>(after - bounds.begin() - 1, 0);
    return std::min(static_cast<std::size_t>(position), bounds.size() - 2);
  }

  const query::Aggregate& request_;
  const Columns& columns_;
  const ledger::Reader& reader_;
  const Snapshot& snapshot_;
  std::uint64_t reads_max_;
  GroupCounts by_;
  ValueId erased_;
};

}  // namespace

Result<Aggregation> count_matches(const query::Aggregate& request, const Columns& columns,
                                  const ledger::Reader& reader, const Snapshot& snapshot,
                                  std::uint64_t reads_max) {
  return Aggregator(request, columns, reader, snapshot, reads_max).run();
}

}  // namespace daybook::search
