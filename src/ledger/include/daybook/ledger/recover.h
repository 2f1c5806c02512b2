// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/ledger/verify.h"

namespace daybook::ledger {

struct RecoverReport {
  // The ledger is sound now and may be served again.
  bool ok = false;
  VerifyReport found;  // As it was before anything was done.
  // Entries that only a cut can get rid of: those from found.tree_size on. Set if the damage lies
  // behind the last signed checkpoint; damage below it is never cut, since a second tree must not
  // be signed under the same origin: restore a backup.
  std::optional<std::uint64_t> would_lose;
  std::uint64_t lost = 0;
};

// What is done after writing had to stop, or when a ledger does not open: reads every byte under
// the directory's lock and, if all is sound, takes the mark of the stop away. Damage behind the
// last signed checkpoint is cut if that loses at most `accept_loss` entries; nothing else is
// changed. Errc::unavailable while a server runs; Errc::not_found if there is no ledger.
Result<RecoverReport> recover_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                        std::uint64_t accept_loss);

}  // namespace daybook::ledger
