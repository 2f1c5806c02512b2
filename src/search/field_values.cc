// SPDX-License-Identifier: Apache-2.0
#include "field_values.h"

#include <utility>

#include "daybook/core/check.h"
#include "daybook/query/values.h"
#include "daybook/record/parts.h"

#include "field_columns.h"

namespace daybook::search {

FieldValues::FieldValues(const query::GroupBy& by, const Columns& columns,
                         const ledger::Reader& reader, const Snapshot& snapshot,
                         std::uint64_t reads_max)
    : field_(by.field), reader_(reader), snapshot_(snapshot), reads_left_(reads_max) {
  if (const auto word = word_field(field_)) {
    is_word_ = true;
    word_ = *word;
    const auto words = words_of(word_);
    texts_.assign(1, {});
    texts_.insert(texts_.end(), words.begin(), words.end());
    return;
  }
  const auto column = column_of(field_);
  DAYBOOK_CHECK(column.has_value());
  column_ = *column;
  const auto& dictionary = columns.dictionary(column_);
  texts_ = dictionary.texts();
  closed_ = !columns.has_other(column_);
  if (column_ == Column::resource || column_ == Column::action) none_ = dictionary.find("");
}

void FieldValues::enter(std::size_t block) {
  const auto& rows = *snapshot_.blocks[block];
  block_ = block;
  if (is_word_) {
    words_ = rows.word[static_cast<std::size_t>(word_)].data();
  } else {
    ids_ = rows.column[static_cast<std::size_t>(column_)].load(std::memory_order_acquire);
  }
}

Result<std::uint32_t> FieldValues::read(Row row) {
  if (const auto known = read_.find(row); known != read_.end()) return known->second;
  if (reads_left_ == 0) {
    return Error{Errc::exhausted,
                 "too many entries have very long values to count by; narrow the filter"};
  }
  --reads_left_;
  DAYBOOK_ASSIGN_OR_RETURN(const auto entry, reader_.read(EntryIndex(row)));
  DAYBOOK_ASSIGN_OR_RETURN(const auto event, record::decode(entry.parts));
  auto text = query::field_value(field_, "", event);
  const auto number = text ? number_of(*std::move(text)) : 0;
  read_.emplace(row, number);
  return number;
}

std::uint32_t FieldValues::number_of(std::string text) {
  if (const auto known = extra_numbers_.find(text); known != extra_numbers_.end()) {
    return known->second;
  }
  const auto number = count();
  extra_.push_back(std::move(text));
  extra_numbers_.emplace(extra_.back(), number);
  return number;
}

}  // namespace daybook::search
