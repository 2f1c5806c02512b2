// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/ledger/merkle.h"

#include "journal_walk.h"
#include "key_ring.h"
#include "store.h"

namespace daybook::ledger {

// Signs checkpoints. What is signed is computed from the journal as read back from its files, never
// from what was meant to be written. Threads: the writer's.
class Sealer {
 public:
  // `signed_range` and `position`: the tree and the journal at the last signed checkpoint.
  Sealer(FileSystem& fs, FileSystem::Path ledger_dir, KeyRing& keys, Store& store,
         CompactRange signed_range, const JournalPosition& position);

  // A checkpoint over the whole journal up to `end`, durable and published. The latest one if it
  // covers `end` already. Errc::exhausted (disk full) and Errc::unavailable (could not be read):
  // try later. Anything else is fatal: writing must stop.
  Result<PublishedCheckpoint> seal(const JournalPosition& end);

 private:
  Status read_back(const JournalPosition& end);

  FileSystem& fs_;
  FileSystem::Path dir_;
  KeyRing& keys_;
  Store& store_;
  CompactRange range_;
  JournalPosition position_;  // Read back up to here.
};

}  // namespace daybook::ledger
