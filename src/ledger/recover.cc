// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/recover.h"

#include <algorithm>

#include "daybook/core/crash_point.h"
#include "daybook/core/diagnostics.h"

#include "examine.h"
#include "stop_mark.h"

namespace daybook::ledger {

namespace {

// Whether everything that is wrong is one damage in the journal behind the last signed checkpoint.
bool can_be_cut(const Examination& found) {
  if (!found.identity || !found.checkpoints || !found.journal.damage || found.journal_torn) {
    return false;
  }
  if (found.journal.end.entries < found.checkpoints->latest().size.value()) return false;
  const std::string file = in_ledger(found.journal.damage->file);
  return std::ranges::all_of(
      found.failures, [&file](const VerifyFailure& failure) { return failure.file == file; });
}

// First entry behind all that any group header in the damaged part of the journal tells of.
Result<std::uint64_t> claimed_end(FileSystem& fs, const FileSystem::Path& dir,
                                  const Examination& found) {
  std::uint64_t end = found.journal.end.entries;
  if (found.marker) end = std::max(end, found.marker->journal.entries);
  DAYBOOK_ASSIGN_OR_RETURN(const auto names, fs.list(dir));
  for (const std::uint64_t first : journal_files(names)) {
    if (first < found.journal.end.file) continue;
    DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs.open(dir / journal_name(first), OpenMode::read));
    DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t claimed, last_claimed_entry(*file));
    end = std::max({end, first, claimed});
  }
  return end;
}

// Cuts the journal behind its last good group.
Status cut(FileSystem& fs, const FileSystem::Path& data_dir, const Examination& found) {
  const FileSystem::Path dir = data_dir / kLedgerDir;
  const JournalPosition& end = found.journal.end;
  DAYBOOK_ASSIGN_OR_RETURN(const auto names, fs.list(dir));
  auto files = journal_files(names);
  // The marker first: what it calls durable must not lie behind the cut. Later files go before
  // earlier ones, so that a crash in between leaves a journal with one damage at its end.
  Marker marker;
  marker.journal = end;
  marker.checkpoints_end = found.checkpoints->end();
  DAYBOOK_RETURN_IF_ERROR(put_ledger_file(fs, data_dir, kMarkerFile, encode_marker(marker)));
  crash_point("recover.marked");
  std::ranges::reverse(files);
  for (const std::uint64_t first : files) {
    if (end.end != 0 && first <= end.file) break;
    DAYBOOK_RETURN_IF_ERROR(fs.remove(dir / journal_name(first)));
    DAYBOOK_RETURN_IF_ERROR(fs.sync_dir(dir));
    crash_point("recover.file_removed");
  }
  if (end.end == 0) return {};
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs.open(dir / journal_name(end.file), OpenMode::write));
  DAYBOOK_RETURN_IF_ERROR(file->truncate(end.end));
  crash_point("recover.cut");
  return file->sync();
}

}  // namespace

Result<RecoverReport> recover_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                        std::uint64_t accept_loss) {
  DAYBOOK_ASSIGN_OR_RETURN(const bool there, fs.exists(data_dir / kLedgerDir));
  if (!there) return Error{Errc::not_found, "no ledger there", data_dir.string()};
  DAYBOOK_ASSIGN_OR_RETURN(const auto lock, fs.lock(data_dir / kLockFile));
  DAYBOOK_ASSIGN_OR_RETURN(Examined examined, examine_directory(fs, data_dir, {}));
  RecoverReport report;
  report.found = std::move(examined.report);
  if (!report.found.ok) {
    if (!examined.found || !can_be_cut(*examined.found)) return report;
    const Examination& found = *examined.found;
    DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t claimed,
                             claimed_end(fs, data_dir / kLedgerDir, found));
    report.would_lose = claimed - found.journal.end.entries;
    if (*report.would_lose > accept_loss) return report;
    diagnose(Severity::warn, "ledger",
             "cutting " + std::to_string(*report.would_lose) + " entries from index " +
                 std::to_string(found.journal.end.entries) + " on");
    DAYBOOK_RETURN_IF_ERROR(cut(fs, data_dir, found));
    DAYBOOK_ASSIGN_OR_RETURN(const VerifyReport after, verify_directory(fs, data_dir, {}));
    if (!after.ok) return Error{Errc::corrupt, "still damaged after the cut", data_dir.string()};
    report.lost = *report.would_lose;
  }
  crash_point("recover.verified");
  DAYBOOK_RETURN_IF_ERROR(remove_stop_mark(fs, data_dir));
  report.ok = true;
  return report;
}

}  // namespace daybook::ledger
