// SPDX-License-Identifier: Apache-2.0
#include "field_values.h"

#include <optional>
#include <utility>

#include "daybook/query/values.h"
#include "daybook/record/parts.h"

namespace daybook::search {
namespace {

using query::Field;

template <class Enum>
std::vector<std::string_view> words_of(Enum last) {
  std::vector<std::string_view> out(1);
  for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
    out.push_back(record::to_string(static_cast<Enum>(i)));
  }
  return out;
}

std::optional<WordField> word_field(Field field) {
  switch (field) {
    case Field::kind:
      return WordField::kind;
    case Field::result:
      return WordField::result;
    case Field::actor_kind:
      return WordField::actor_kind;
    case Field::source:
      return WordField::source;
    default:
      return std::nullopt;
  }
}

std::vector<std::string_view> words_of(WordField field) {
  switch (field) {
    case WordField::kind:
      return words_of(record::Kind::system);
    case WordField::result:
      return words_of(record::ResultWord::unknown);
    case WordField::actor_kind:
      return words_of(record::ActorKind::anonymous);
    case WordField::source:
      break;
  }
  return words_of(record::Source::system);
}

Column column_of(Field field) {
  switch (field) {
    case Field::resource:
      return Column::resource;
    case Field::user_id:
      return Column::user_id;
    case Field::username:
      return Column::username;
    case Field::namespace_:
      return Column::namespace_;
    case Field::flow_id:
      return Column::flow_id;
    case Field::execution_id:
      return Column::execution_id;
    case Field::ip_address:
      return Column::ip_address;
    case Field::tenant_id:
      return Column::tenant_id;
    default:
      return Column::action;
  }
}

}  // namespace

FieldValues::FieldValues(const query::GroupBy& by, const Columns& columns,
                         const ledger::Reader& reader, const Snapshot& snapshot,
                         std::uint64_t reads_max)
    : field_(by.field), reader_(reader), snapshot_(snapshot), reads_left_(reads_max) {
  if (const auto word = word_field(field_)) {
    is_word_ = true;
    word_ = *word;
    texts_ = words_of(word_);
    return;
  }
  column_ = column_of(field_);
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
