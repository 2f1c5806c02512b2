// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/query/filter.h"

#include "columns.h"

namespace daybook::search {

// One bit a row of a block.
using Words = std::array<std::uint64_t, kWordsPerBlock>;

// What the columns say about the rows of a block: `possible` holds every match, `definite` only
// matches. A row in the first alone has to be read to be sure.
struct BlockMatches {
  Words possible{};
  Words definite{};
};
enum class Verdict : std::uint8_t { no, maybe, yes };

// A set of value ids, quick to ask.
class IdSet {
 public:
  IdSet() = default;
  IdSet(std::vector<ValueId> ids, std::uint32_t dictionary_size);
  [[nodiscard]] bool contains(ValueId id) const {
    if (table_.empty()) return id == single_;
    return id < table_.size() && table_[id] != 0;
  }
  [[nodiscard]] const std::vector<ValueId>& ids() const { return ids_; }
  // The only member, or kAbsent if there are none or several.
  [[nodiscard]] ValueId single() const { return single_; }

 private:
  std::vector<ValueId> ids_;
  std::vector<std::uint8_t> table_;
  ValueId single_ = kOther;  // In no dictionary.
};

// A clause that is asked of the text of each row's value, where that takes fewer steps than asking
// it of every value in the dictionary: a follower looks at a few rows at a time.
struct ByText {
  query::Clause clause;
  const Dictionary* dictionary = nullptr;
};

// The conditions a clause becomes. `complement`: rows that do not fit, or lack the field, match.
struct IdTest {
  Column column = Column::action;
  bool complement = false;
  bool other = false;  // Some row may have a value outside the dictionary.
  IdSet set;
  // Rows without the column have the resource as value (`detail.type`); this is the set for them.
  std::optional<IdSet> resource;
  std::optional<ByText> by_text = {};  // Instead of `set`.
};
struct DateTest {
  UnixMillis first = INT64_MIN;  // Both included; first > last: none.
  UnixMillis last = INT64_MAX;
  bool complement = false;
};
struct WordTest {
  WordField field = WordField::kind;
  std::uint32_t words = 0;  // Bit per enumerator.
};
struct RowTest {          // Equality of ids: the ledger knows where they are.
  std::vector<Row> rows;  // Ascending.
  bool complement = false;
};
struct IdTextTest {
  query::Clause clause;
};
struct ConstantTest {
  Verdict verdict = Verdict::no;
};
using Test = std::variant<IdTest, DateTest, WordTest, RowTest, IdTextTest, ConstantTest>;

// All tests hold, and of each group every test of at least one alternative.
struct Plan {
  using Tests = std::vector<Test>;
  Tests tests;
  std::vector<std::vector<Tests>> groups;
  // All rows that can match, descending, when looking them up beats going over the columns.
  std::optional<std::vector<Row>> candidates;
  Row first = 0;  // No row before it matches.
};

// A filter made ready to run over the rows of a snapshot from `first` on. `snapshot` first, then
// this: values of its rows are in the dictionaries by then.
[[nodiscard]] Plan compile(const query::Filter& filter, const Columns& columns,
                           const ledger::Reader& reader, const Snapshot& snapshot, Row first = 0);

[[nodiscard]] Verdict judge(const Plan& plan, const Snapshot& snapshot, Row row);
[[nodiscard]] BlockMatches judge_block(const Plan& plan, const Snapshot& snapshot,
                                       std::size_t block);

}  // namespace daybook::search
