// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daybook/evidence/selection.h"
#include "daybook/record/event.h"

#include "call.h"

namespace daybook::api {

// What `who` may see of a tenant it may read, or of all: a viewer's namespace tree, a gateway
// account's own rows.
[[nodiscard]] evidence::Scope scope_of(const access::Principal& who,
                                       std::optional<std::string> tenant);

// The caller as an entry's actor.
[[nodiscard]] record::ActorKind actor_kind_of(const Call& call);
[[nodiscard]] record::Actor actor_of(const Call& call);

// Whether one entry, read by its id, is visible to `who`.
[[nodiscard]] bool is_visible(const access::Principal& who, const record::Event& event);

// Who watches the watchers: reading the audit log is itself an entry of kind `system`, without
// tenant (the tenant that was read stands in the detail).
void record_read(const Call& call, std::string_view operation, record::Json detail);

// A request of a known caller that was refused with 403.
[[nodiscard]] record::Event denied_event(const Call& call, std::string_view needed);

}  // namespace daybook::api
