// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daybook/access/accounts.h"
#include "daybook/core/result.h"

namespace daybook::access {

// What an account may look like. Errc::invalid; `path` is the JSON Pointer of the field.
Status check_user(const NewUser& user);
Status check_service_account(const NewServiceAccount& account);
Status check_token(std::string_view name, std::optional<UnixMillis> expires_at, UnixMillis now);

}  // namespace daybook::access
