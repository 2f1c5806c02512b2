// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daybook/query/filter.h"
#include "daybook/record/event.h"

namespace daybook::query {

// What a clause compares with: the value as the API shows it. Shared by the reference evaluator and
// by backends that keep columns of their own. No value: the entry is without the field.

using OptionalView = std::optional<std::string_view>;

// Entries of daybook itself and of webhooks have a user id by their kind alone.
[[nodiscard]] OptionalView user_id_value(record::ActorKind kind, OptionalView user_id);
// A user without a name of its own goes by the id.
[[nodiscard]] OptionalView username_value(record::ActorKind kind, OptionalView user_id,
                                          OptionalView username);

// A value of `detail` as text: a string as it is, else canonical JSON.
[[nodiscard]] std::string detail_text(const record::Json& value);
// First-level member `key` of the detail as shown: `resource` and `resourceType` are the resource,
// and so is `type` if the sender gave none; `subject` stands in the actor part.
[[nodiscard]] std::optional<std::string> detail_value(const record::Event& event,
                                                      std::string_view key);

// The key that a field of its own stands for (`namespace` for Field::namespace_), else empty.
[[nodiscard]] std::string_view detail_key(Field field);

// The value that a field of the event is compared by; `key` only for Field::detail. None for
// Field::date and Field::q, which are no text.
[[nodiscard]] std::optional<std::string> field_value(Field field, std::string_view key,
                                                     const record::Event& event);

// Whether one present text fits a clause that is not a complement (neither not_equals nor not_in).
[[nodiscard]] bool fits(const Clause& clause, std::string_view value);
[[nodiscard]] bool is_complement(Op op);

}  // namespace daybook::query
