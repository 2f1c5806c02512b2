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
#include "segment.h"
#include "segment_reads.h"

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
    // Each sound segment in order, then each sound group, with its leaves. Groups may begin before
    // the segments' end.
    std::function<Status(const std::shared_ptr<const Segment>&)> on_segment;
    std::function<Status(const GroupView&, const std::vector<Hash>& leaves)> on_group;
    // Each entry in order; with it segments are read as a whole.
    std::function<Status(std::uint64_t index, const Hash& leaf, const record::Commitments&)>
        on_leaf;
    // Segments below this index were checked earlier: of them only what opening reads is looked at,
    // and on_subtree called instead of on_leaf.
    std::uint64_t trusted = 0;
    std::function<void(unsigned level, const Hash& root)> on_subtree;
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
  std::uint64_t sealed = 0;            // Entries in segments.
  std::uint64_t erased = 0;            // Entries with an erased part.
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
  Status open_files();
  Status read_segments();
  Status take_segment(const ReadSegment& read);
  Status take_entries(const ReadSegment& read);
  Status take_subtree(const Segment& segment);
  void check_reached();
  Status check_sealed_entry(const Hash& leaf, const record::Commitments* commitments);
  Status read_journal();
  [[nodiscard]] Result<bool> find_journal_start();
  Status check_group(const GroupView& group);
  void check_record(const RecordView& record, const RecordPlace& place, std::uint64_t file);
  void check_checkpoints_up_to(const JournalPosition& position);
  // One checkpoint against the range; of the journal too unless that part of it is gone.
  void check_checkpoint(std::size_t number, const JournalPosition* position);
  void report_progress();
  void judge_checkpoints(const CheckpointsWalk& walk);
  void judge_journal();
  void judge_end();
  [[nodiscard]] bool unclean();

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  const FileSystem::Path dir_;
  const Options options_;
  std::vector<crypto::NoteVerifier> keys_;
  std::vector<std::uint64_t> segment_firsts_;
  std::uint64_t segments_end_ = 0;
  JournalFiles files_;
  std::size_t next_checkpoint_ = 0;
  bool broken_ = false;  // Nothing can be said about what follows.
};

// Every byte of a directory, and what it was judged by. Nothing was examined where `ledger` is
// missing, which the report says.
struct Examined {
  VerifyReport report;
  std::unique_ptr<Examination> found;
};
// Errors as verify_directory(), which gives the report alone.
Result<Examined> examine_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                   const VerifyOptions& options);

}  // namespace daybook::ledger
