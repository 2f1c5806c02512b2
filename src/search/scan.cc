// SPDX-License-Identifier: Apache-2.0
#include "scan.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "daybook/record/parts.h"

namespace daybook::search {
namespace {

// Neighbours are read as one sequence if at least one row in so many is in doubt.
constexpr std::uint64_t kDenseShare = 8;

std::uint64_t count_bits(const Words& words) {
  std::uint64_t count = 0;
  for (const auto word : words) count += static_cast<std::uint64_t>(std::popcount(word));
  return count;
}

bool has_bit(const Words& words, std::uint32_t at) {
  return ((words[at / 64] >> (at % 64)) & 1U) != 0;
}

}  // namespace

Scan::Scan(const query::Filter& filter, const Columns& columns, const ledger::Reader& reader,
           const Snapshot& snapshot, std::uint64_t reads_max, Row first)
    : filter_(filter),
      reader_(reader),
      snapshot_(snapshot),
      plan_(compile(filter, columns, reader, snapshot, first)),
      prefilter_(filter),
      reads_left_(reads_max) {}

Status Scan::spend(std::uint64_t reads) {
  if (reads > reads_left_) {
    return Error{
        Errc::exhausted,
        "the query would have to read too many entries; narrow it by date, tenant, resource, "
        "namespace or user"};
  }
  reads_left_ -= reads;
  return {};
}

Result<bool> Scan::check(const ledger::StoredEntry& entry) {
  if (!prefilter_.may_match(entry.parts)) return false;
  DAYBOOK_ASSIGN_OR_RETURN(const auto event, record::decode(entry.parts));
  return query::matches(filter_, event);
}

Result<bool> Scan::matches(Row row) {
  const auto verdict = search::judge(plan_, snapshot_, row);
  if (verdict != Verdict::maybe) return verdict == Verdict::yes;
  DAYBOOK_RETURN_IF_ERROR(spend(1));
  DAYBOOK_ASSIGN_OR_RETURN(const auto entry, reader_.read(EntryIndex(row)));
  return check(entry);
}

BlockMatches Scan::judge(std::size_t block) const {
  return judge_block(plan_, snapshot_, block);
}

Status Scan::settle(std::size_t block, BlockMatches& matches, std::size_t first, std::size_t end) {
  Words doubt{};
  for (auto i = first; i < end; ++i) doubt[i] = matches.possible[i] & ~matches.definite[i];
  const auto count = count_bits(doubt);
  if (count == 0) return {};
  DAYBOOK_RETURN_IF_ERROR(spend(count));
  const auto base = static_cast<Row>(block) * kBlockRows;
  Status status;
  const auto visit = [&](const ledger::StoredEntry& entry) {
    const auto at = static_cast<std::uint32_t>(entry.index.value() - base);
    if (!has_bit(doubt, at)) return true;
    const auto fits = check(entry);
    if (!fits) {
      status = fits.error();
      return false;
    }
    if (*fits) matches.definite[at / 64] |= 1ULL << (at % 64);
    return true;
  };
  if (count * kDenseShare >= (end - first) * 64) {
    const auto from = base + static_cast<Row>(first * 64);
    const auto to = std::min(base + static_cast<Row>(end * 64), snapshot_.rows);
    DAYBOOK_RETURN_IF_ERROR(reader_.scan(EntryIndex(from), EntryIndex(to), visit));
    return status;
  }
  for (auto i = first; i < end; ++i) {
    for (auto left = doubt[i]; left != 0; left &= left - 1) {
      const auto at = static_cast<Row>(i * 64) + static_cast<Row>(std::countr_zero(left));
      DAYBOOK_ASSIGN_OR_RETURN(const auto entry, reader_.read(EntryIndex(base + at)));
      if (!visit(entry)) return status;
    }
  }
  return status;
}

Result<MatchSet> Scan::run() {
  MatchSet out;
  if (plan_.candidates) {
    out.listed = true;
    for (const auto row : *plan_.candidates) {
      DAYBOOK_ASSIGN_OR_RETURN(const bool fits, matches(row));
      if (fits) out.rows.push_back(row);
    }
    out.total = out.rows.size();
    return out;
  }
  out.blocks.reserve(snapshot_.blocks.size());
  for (std::size_t i = 0; i < snapshot_.blocks.size(); ++i) {
    auto matches = judge(i);
    DAYBOOK_RETURN_IF_ERROR(settle(i, matches, 0, kWordsPerBlock));
    out.total += count_bits(matches.definite);
    out.blocks.push_back(matches.definite);
  }
  return out;
}

}  // namespace daybook::search
