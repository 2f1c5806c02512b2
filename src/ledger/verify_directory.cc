// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "daybook/ledger/key_rotation.h"

#include "examine.h"
#include "saved_checkpoint.h"

namespace daybook::ledger {

namespace {

// Whether there is a directory that should hold a ledger: then a missing one is damage, not a wrong
// path.
Result<bool> is_data_dir(FileSystem& fs, const FileSystem::Path& data_dir) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto names, fs.list(data_dir));
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name != kLockFile && name != kLedgerDir && !name.ends_with(".tmp");
  });
}

Result<bool> has_any_file(FileSystem& fs, const FileSystem::Path& dir) {
  const auto names = fs.list(dir);
  if (!names && names.error().code == Errc::not_found) return false;
  if (!names) return names.error();
  return !names->empty();
}

// A crash while a new ledger was being made leaves a marker that says so, and no entry.
bool is_half_made(const Examination& found) {
  return found.marker && found.marker->checkpoints_end == 0 && found.range.size() == 0 &&
         (!found.identity || !found.checkpoints);
}

}  // namespace

Result<Examined> examine_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                   const VerifyOptions& options) {
  Examined out;
  VerifyReport& report = out.report;
  DAYBOOK_ASSIGN_OR_RETURN(const bool has_files, is_data_dir(fs, data_dir));
  DAYBOOK_ASSIGN_OR_RETURN(const bool has_ledger, has_any_file(fs, data_dir / kLedgerDir));
  if (!has_ledger) {
    if (!has_files) return Error{Errc::not_found, "no ledger there", data_dir.string()};
    report.failures.push_back({std::string(kLedgerDir), {}, {}, "missing"});
    return out;
  }

  Examination::Options how;
  how.deep = true;
  how.progress = options.progress;
  // Shared with the examination, which is handed on. The keys of the directory are known only once
  // it has been read; the saved checkpoint is opened with the caller's keys if there are any, and
  // those that these have given way to.
  std::vector<crypto::NoteVerifier> keys = options.keys;
  if (const auto identity = read_identity(fs, data_dir)) {
    keys = keys.empty() ? verifiers_of(identity->vkeys)
                        : with_successors(std::move(keys), identity->rotations);
  }
  std::shared_ptr<SavedCheckpoint> saved;
  if (!options.saved_checkpoint.empty()) {
    saved = std::make_shared<SavedCheckpoint>(options.saved_checkpoint, keys);
    how.on_leaf = [saved](std::uint64_t, const Hash& leaf, const record::Commitments&) -> Status {
      saved->append(leaf);
      return {};
    };
    if (options.since_saved) how.trusted = saved->size();
    how.on_subtree = [saved](unsigned level, const Hash& root) {
      saved->append_subtree(level, root);
    };
  }
  out.found = std::make_unique<Examination>(fs, data_dir, std::move(how));
  Examination& found = *out.found;
  DAYBOOK_RETURN_IF_ERROR(found.run());
  if (is_half_made(found)) {
    return Error{Errc::not_found, "the ledger was never finished being made", data_dir.string()};
  }

  if (found.identity) {
    report.origin = found.identity->origin;
    report.keys = found.identity->vkeys;
  }
  if (found.checkpoints && !options.keys.empty() &&
      !open_checkpoint(found.checkpoints->latest().note, keys)) {
    found.fail(in_ledger(kCheckpointsFile), {}, {}, "not signed by the given key");
  }
  if (saved) {
    report.anchored_to = saved->anchored_to(report.origin);
    if (!report.anchored_to) found.fail(saved->name(), {}, {}, saved->what());
  }
  report.tree_size = found.range.size();
  report.root = found.range.root();
  report.erased = found.erased;
  report.torn_tail_bytes = found.journal_tail + found.checkpoints_tail;
  report.failures = found.failures;
  report.ok = report.failures.empty();
  return out;
}

Result<VerifyReport> verify_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                      const VerifyOptions& options) {
  DAYBOOK_ASSIGN_OR_RETURN(Examined examined, examine_directory(fs, data_dir, options));
  return std::move(examined.report);
}

}  // namespace daybook::ledger
