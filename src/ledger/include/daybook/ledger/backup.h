// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"

namespace daybook::ledger {

struct BackupReport {
  std::uint64_t tree_size = 0;
  Hash root{};
  std::string origin;
};

// Copies `data_dir`/ledger to `out`/ledger (`out` missing or empty: else Errc::exists) as it stands
// at its latest checkpoint, and verifies every byte of the copy. Reads only, takes no lock, may run
// beside a server. The signing key is not in it. What was erased before it began is not in it
// either.
Result<BackupReport> backup_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                      const FileSystem::Path& out);

struct RestoreOptions {
  // Where the signing key lies or will lie; empty: `<data>/keys`.
  FileSystem::Path keys_dir;
  // Go on under the old origin: needs its signing key in keys_dir, and `known_checkpoint`, the
  // largest checkpoint that anybody outside holds. Otherwise a new origin begins.
  bool same_origin = false;
  std::string known_checkpoint;
  std::string new_origin;  // Empty: made at random.
  std::string why;         // Stands in the entry that names the old ledger.
};
struct RestoreReport {
  BackupReport old;    // What the copy holds.
  std::string origin;  // Of the restored ledger.
  std::uint64_t tree_size = 0;
};

// Makes `data_dir` (missing, empty, or holding only the keys: else Errc::exists) a ledger from a
// copy whose every byte verifies (else Errc::corrupt).
//
// Never signs a second tree under the old origin. Under the same origin it goes on only if the copy
// reaches as far as `known_checkpoint` and agrees with it: Errc::denied otherwise. Under a new
// origin the entries keep index, leaf and proofs, so that the new tree is an extension of the old
// one that everybody can check; its first own entry (action RESTORE) names the old origin, its
// size, root and key, and why; the old checkpoints and key are kept in `<data>/restored-from`.
Result<RestoreReport> restore_directory(FileSystem& fs, const FileSystem::Path& backup,
                                        const FileSystem::Path& data_dir,
                                        const RestoreOptions& options, const Clock& clock,
                                        Random& random);

}  // namespace daybook::ledger
