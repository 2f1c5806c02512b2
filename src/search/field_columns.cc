// SPDX-License-Identifier: Apache-2.0
#include "field_columns.h"

#include <array>
#include <cstddef>

namespace daybook::search {
namespace {

using query::Field;

template <class Enum, Enum kLast>
std::span<const std::string_view> words() {
  static const auto all = [] {
    std::array<std::string_view, static_cast<std::size_t>(kLast) + 1> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = record::to_string(static_cast<Enum>(i));
    return out;
  }();
  return all;
}

}  // namespace

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

std::span<const std::string_view> words_of(WordField field) {
  switch (field) {
    case WordField::kind:
      return words<record::Kind, record::Kind::system>();
    case WordField::result:
      return words<record::ResultWord, record::ResultWord::unknown>();
    case WordField::actor_kind:
      return words<record::ActorKind, record::ActorKind::anonymous>();
    case WordField::source:
      break;
  }
  return words<record::Source, record::Source::system>();
}

std::optional<Column> column_of(Field field) {
  switch (field) {
    case Field::resource:
      return Column::resource;
    case Field::action:
      return Column::action;
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
    case Field::attempt_id:
      return Column::attempt_id;
    case Field::ip_address:
      return Column::ip_address;
    case Field::tenant_id:
      return Column::tenant_id;
    case Field::submitter_id:
      return Column::submitter_id;
    default:
      return std::nullopt;
  }
}

}  // namespace daybook::search
