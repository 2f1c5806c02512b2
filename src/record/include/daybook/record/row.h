// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/record/event.h"

namespace daybook::record {

// What stands beside the event when `expand=daybook` is asked for.
struct EntryFacts {
  EntryIndex index;
  Hash leaf_hash{};
  bool sealed = false;              // Covered by a published checkpoint.
  std::vector<std::string> erased;  // Names of erased parts.
};

// `{"auditLog":{…},"user":{…}}` of Kestra's API (kestra API contract 4.1): `user` left out for
// SYSTEM; `detail` = the event's detail plus resource, resourceType, type. With facts: also
// `"daybook":{…}` (contract section 5, expand=daybook).
[[nodiscard]] Json render_row(const Event& event, const EntryFacts* facts);

// auditLog.userId, never empty: "system", "webhook", "anonymous" for actors without an id, "erased"
// for an account whose actor part was erased.
[[nodiscard]] std::string shown_user_id(const Event& event);
// user.username (the id if there is no name); absent where no `user` is shown.
[[nodiscard]] OptionalText shown_username(const Event& event);

// auditLog.detail as shown.
[[nodiscard]] Json shown_detail(const Event& event);

// One line of the CSV export with CRLF: columns of csv_header(), RFC 4180, formula-safe.
[[nodiscard]] std::string csv_header(bool with_daybook);
[[nodiscard]] std::string csv_line(const Event& event, const EntryFacts* facts);

}  // namespace daybook::record
