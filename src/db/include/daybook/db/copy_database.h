// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "daybook/core/result.h"

namespace daybook::db {

// A copy of `from` as of now in the new file `to` (mode 0600), also while others read and write it.
// Rows only: what was deleted is not in the copy's free pages. Errc::not_found, Errc::exists,
// otherwise as Database.
Status copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace daybook::db
