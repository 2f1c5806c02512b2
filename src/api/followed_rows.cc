// SPDX-License-Identifier: Apache-2.0
#include "followed_rows.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "rows.h"

namespace daybook::api {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Text made before it is written.
constexpr std::size_t kBytesAtOnce = 64 * 1024;
// Bounds of a stretch in entries, and how long searching one may and should take.
constexpr std::uint64_t kStretchMin = 256;
constexpr std::uint64_t kStretchMax = 1U << 20U;
constexpr std::int64_t kLongUs = 20'000;
constexpr std::int64_t kShortUs = 2'000;

void append_event(std::string& out, EntryIndex index, const record::Json& row) {
  out += "id: " + std::to_string(index.value()) + "\nevent: auditlog\ndata: ";
  out += dump(row);
  out += "\n\n";
}

std::int64_t micros_since(SteadyClock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begin).count();
}

}  // namespace

bool FollowedRows::behind() const {
  return open_ || next_.value() < services_.parts.search.size().value();
}

void FollowedRows::set_filter(query::Filter filter) {
  filter_ = std::move(filter);
  matches_ = Matches();
  open_ = false;
}

Status FollowedRows::begin_stretch() {
  const std::uint64_t size = services_.parts.search.size().value();
  full_ = size - next_.value() >= stretch_;
  stretch_end_ = EntryIndex(full_ ? next_.value() + stretch_ : size);
  const auto begin = SteadyClock::now();
  DAYBOOK_ASSIGN_OR_RETURN(auto cursor, services_.parts.search.ascending(
                                            filter_, next_, TreeSize(stretch_end_.value())));
  spent_us_ = micros_since(begin);
  matches_ = Matches(std::move(cursor));
  open_ = true;
  return {};
}

Result<std::optional<EntryIndex>> FollowedRows::next_match() {
  const auto begin = SteadyClock::now();
  auto match = matches_.next();
  spent_us_ += micros_since(begin);
  return match;
}

void FollowedRows::end_stretch() {
  open_ = false;
  next_ = stretch_end_;
  if (spent_us_ > kLongUs) {
    stretch_ = std::max(kStretchMin, stretch_ / 2);
  } else if (spent_us_ < kShortUs && full_) {
    stretch_ = std::min(kStretchMax, stretch_ * 2);
  }
}

Result<std::string> FollowedRows::piece() {
  std::string out;
  if (!behind()) {
    return out;
  }
  if (!open_) {
    DAYBOOK_RETURN_IF_ERROR(begin_stretch());
  }
  const RowReader rows(services_.reader());
  while (out.size() < kBytesAtOnce) {
    DAYBOOK_ASSIGN_OR_RETURN(const std::optional<EntryIndex> match, next_match());
    if (!match) {
      end_stretch();
      break;
    }
    DAYBOOK_ASSIGN_OR_RETURN(const record::Json row, rows.row(*match, true));
    append_event(out, *match, row);
    next_ = EntryIndex(match->value() + 1);
  }
  return out;
}

}  // namespace daybook::api
