// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

namespace daybook::ledger {

// The first `bytes_max` bytes of `from`, or all if it is shorter, as a new file, durable but for
// its name. Bounded memory.
Status copy_file(FileSystem& fs, const File& from, const FileSystem::Path& to,
                 std::uint64_t bytes_max);

// Errc::exists unless `dir` is missing or holds nothing but the names `allowed`.
Status expect_empty(FileSystem& fs, const FileSystem::Path& dir,
                    const std::vector<std::string_view>& allowed);

}  // namespace daybook::ledger
