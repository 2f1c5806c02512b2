// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "daybook/query/filter.h"

#include "facts.h"

namespace daybook::search {

// Where the values of a field that a filter or a count names are kept: as the number of one of a
// few words, in a column, or in neither.
[[nodiscard]] std::optional<WordField> word_field(query::Field field);
// The words of such a field, by their number.
[[nodiscard]] std::span<const std::string_view> words_of(WordField field);
[[nodiscard]] std::optional<Column> column_of(query::Field field);

}  // namespace daybook::search
