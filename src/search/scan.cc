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
// Words of a block that visit_descending() settles at once.
constexpr std::size_t kWordsAtOnce = 8;

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
           const Snapshot& snapshot, std::uint64_t reads_max)
    : filter_(filter),
      reader_(reader),
      snapshot_(snapshot),
      plan_(compile(filter, columns, reader, snapshot)),
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

Result<bool> Scan::settle(Row row, Verdict verdict) {
  if (verdict != Verdict::maybe) return verdict == Verdict::yes;
  DAYBOOK_RETURN_IF_ERROR(spend(1));
  DAYBOOK_ASSIGN_OR_RETURN(const auto entry, reader_.read(EntryIndex(row)));
  return check(entry);
}

// Reads the rows in doubt and moves those that match to `definite`.
Status Scan::settle_words(std::size_t block, BlockMatches& matches, std::size_t first,
                          std::size_t end) {
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
      DAYBOOK_ASSIGN_OR_RETURN(const bool fits, settle(row, judge(plan_, snapshot_, row)));
      if (fits) out.rows.push_back(row);
    }
    out.total = out.rows.size();
    return out;
  }
  out.blocks.reserve(snapshot_.blocks.size());
  for (std::size_t i = 0; i < snapshot_.blocks.size(); ++i) {
    auto matches = judge_block(plan_, snapshot_, i);
    DAYBOOK_RETURN_IF_ERROR(settle_words(i, matches, 0, kWordsPerBlock));
    out.total += count_bits(matches.definite);
    out.blocks.push_back(matches.definite);
  }
  return out;
}

Status Scan::visit_descending(const std::function<bool(Row)>& visit) {
  if (plan_.candidates) {
    for (const auto row : *plan_.candidates) {
      DAYBOOK_ASSIGN_OR_RETURN(const bool fits, settle(row, judge(plan_, snapshot_, row)));
      if (fits && !visit(row)) return {};
    }
    return {};
  }
  for (auto number = snapshot_.blocks.size(); number-- > 0;) {
    auto matches = judge_block(plan_, snapshot_, number);
    const auto base = static_cast<Row>(number) * kBlockRows;
    for (auto i = kWordsPerBlock; i-- > 0;) {
      if (i % kWordsAtOnce == kWordsAtOnce - 1) {
        const auto first = i + 1 - kWordsAtOnce;
        DAYBOOK_RETURN_IF_ERROR(settle_words(number, matches, first, i + 1));
      }
      auto left = matches.definite[i];
      while (left != 0) {
        const auto bit = 63U - static_cast<unsigned>(std::countl_zero(left));
        left &= ~(1ULL << bit);
        if (!visit(base + static_cast<Row>(i * 64) + bit)) return {};
      }
    }
  }
  return {};
}

}  // namespace daybook::search
