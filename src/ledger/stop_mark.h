// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

namespace daybook::ledger {

// `<data>/ledger.stopped`: there from when writing had to stop until every byte was read again. Its
// one line says why. Opening a ledger that has it is a full verification.
constexpr std::string_view kStopMarkFile = "ledger.stopped";

// Best effort: the disk that failed a group may fail this as well.
void put_stop_mark(FileSystem& fs, const FileSystem::Path& data_dir, std::string_view why);
Result<bool> has_stop_mark(FileSystem& fs, const FileSystem::Path& data_dir);
// Fine if there is none.
Status remove_stop_mark(FileSystem& fs, const FileSystem::Path& data_dir);

}  // namespace daybook::ledger
