// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"
#include "daybook/ledger/merkle.h"
#include "daybook/ledger/verify.h"

#include "checkpoint_file.h"
#include "journal_walk.h"
#include "ledger_files.h"

namespace daybook::ledger {

// Reads a whole ledger and decides what is sound, what is a torn tail, and what is damage. Opening
// a ledger and verifying it use the same rules (docs/formats.md, recovery).
//
// Changes nothing, takes no lock; beside a running writer it sees a prefix of what is being
// written.
class Examination {
 public:
  struct Options {
    // Every signature, commitment and name instead of checksums, chain, leaves and roots alone.
    bool deep = false;
    // Each sound group in order, with its leaves.
    std::function<Status(const GroupView&, const std::vector<Hash>& leaves)> on_group;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  };

  Examination(FileSystem& fs, FileSystem::Path data_dir, Options options);

  // An Error only if the directory cannot be listed, or of on_group. Damage is in failures.
  Status run();

  std::vector<VerifyFailure> failures;  // At most kFailuresMax.
  std::optional<Identity> identity;
  std::optional<Marker> marker;  // As found at the start.
  std::unique_ptr<CheckpointStore> checkpoints;
  std::uint64_t checkpoints_tail = 0;  // Torn bytes.
  JournalWalk journal;
  bool journal_torn = false;       // The damage at the end of `journal` is a torn tail.
  std::uint64_t journal_tail = 0;  // Its bytes.
  CompactRange range;              // Over all sound entries.
  // At the last checkpoint.
  CompactRange signed_range;
  JournalPosition signed_position;

  static constexpr std::size_t kFailuresMax = 100;
  void fail(std::string file, std::optional<std::uint64_t> offset,
            std::optional<std::uint64_t> index, std::string what);

 private:
  bool read_small_files();
  Status read_checkpoints();
  Status read_journal();
  Status check_group(const GroupView& group);
  void check_record(const RecordView& record, const RecordPlace& place, std::uint64_t file);
  void check_checkpoints_up_to(const JournalPosition& position);
  void judge_checkpoints(const CheckpointsWalk& walk);
  void judge_journal();
  void judge_end();
  [[nodiscard]] bool unclean();

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  const FileSystem::Path dir_;
  const Options options_;
  std::vector<crypto::NoteVerifier> keys_;
  std::vector<std::uint64_t> files_;
  std::size_t next_checkpoint_ = 0;
};

}  // namespace daybook::ledger
