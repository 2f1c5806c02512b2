// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::crypto {

// Argon2id (RFC 9106) by libsodium, 64 MiB, 2 passes. About 60 ms: never on a network thread.
Result<std::string> hash_password(std::string_view password);
[[nodiscard]] bool verify_password(std::string_view password, std::string_view hash);

// Overwrites with zeros in a way the compiler keeps.
void wipe(std::string& secret);

}  // namespace daybook::crypto
