// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/backup.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "daybook/ledger/verify.h"

#include "checkpoint_file.h"
#include "copy_files.h"
#include "erasures.h"
#include "ledger_files.h"
#include "segment_format.h"

namespace daybook::ledger {

namespace {

// The files of a ledger, open, and the checkpoint up to which they are to be copied. A running
// writer adds to them, turns journal files into segments and erases parts: what is open stays.
struct Snapshot {
  std::map<std::string, std::unique_ptr<File>> files;
  JournalPosition end;
  std::uint64_t checkpoints_end = 0;
};

// The latest checkpoint in the open file.
Status find_end(Snapshot& snapshot) {
  const auto found = snapshot.files.find(std::string(kCheckpointsFile));
  if (found == snapshot.files.end()) {
    return Error{Errc::corrupt, "missing", in_ledger(kCheckpointsFile)};
  }
  const auto walk = walk_checkpoints(
      *found->second, [&](const CheckpointFrame& frame, const Checkpoint&, std::uint64_t) {
        snapshot.end = frame.journal;
        return Status{};
      });
  if (!walk) return walk.error();
  snapshot.checkpoints_end = walk->end;
  return {};
}

// Names are taken before and after: when nothing changed, the checkpoint read in between covers all
// segments, and its journal file is among those opened.
Result<Snapshot> take_snapshot(FileSystem& fs, const FileSystem::Path& dir) {
  constexpr int kAttempts = 50;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Snapshot snapshot;
    DAYBOOK_ASSIGN_OR_RETURN(const auto names, fs.list(dir));
    bool vanished = false;
    for (const std::string& name : names) {
      if (name == kErasingFile) {
        return Error{Errc::unavailable, "parts are being erased: a copy now would keep them",
                     in_ledger(name)};
      }
      if (name == kMarkerFile) continue;  // A copy is as after a clean stop.
      auto file = fs.open(dir / name, OpenMode::read);
      vanished = !file && file.error().code == Errc::not_found;
      if (vanished) break;
      if (!file) return std::move(file).error();
      snapshot.files.emplace(name, *std::move(file));
    }
    if (vanished) continue;
    DAYBOOK_RETURN_IF_ERROR(find_end(snapshot));
    DAYBOOK_ASSIGN_OR_RETURN(const auto now, fs.list(dir));
    if (now == names) return snapshot;
  }
  return Error{Errc::unavailable, "the ledger changes too fast to be copied", dir.string()};
}

Status copy_snapshot(FileSystem& fs, const Snapshot& snapshot, const FileSystem::Path& dir) {
  for (const auto& [name, file] : snapshot.files) {
    std::uint64_t bytes_max = std::numeric_limits<std::uint64_t>::max();
    if (name == kCheckpointsFile) bytes_max = snapshot.checkpoints_end;
    if (const auto first = parse_journal_name(name)) {
      if (snapshot.end.end == 0 || *first > snapshot.end.file) continue;
      if (*first == snapshot.end.file) bytes_max = snapshot.end.end;
    }
    DAYBOOK_RETURN_IF_ERROR(copy_file(fs, *file, dir / name, bytes_max));
  }
  return fs.sync_dir(dir);
}

}  // namespace

Result<BackupReport> backup_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                      const FileSystem::Path& out) {
  DAYBOOK_ASSIGN_OR_RETURN(const bool there, fs.exists(data_dir / kLedgerDir));
  if (!there) return Error{Errc::not_found, "no ledger there", data_dir.string()};
  DAYBOOK_RETURN_IF_ERROR(expect_empty(fs, out, {}));
  DAYBOOK_ASSIGN_OR_RETURN(const Snapshot snapshot, take_snapshot(fs, data_dir / kLedgerDir));
  DAYBOOK_RETURN_IF_ERROR(fs.make_dir(out / kLedgerDir));
  DAYBOOK_RETURN_IF_ERROR(copy_snapshot(fs, snapshot, out / kLedgerDir));
  DAYBOOK_RETURN_IF_ERROR(fs.sync_dir(out));
  DAYBOOK_ASSIGN_OR_RETURN(const VerifyReport report, verify_directory(fs, out, {}));
  if (!report.ok) {
    const VerifyFailure& first = report.failures.front();
    return Error{Errc::corrupt, "the copy does not verify: " + first.what, first.file,
                 first.offset};
  }
  return BackupReport{report.tree_size, report.root, report.origin};
}

}  // namespace daybook::ledger
