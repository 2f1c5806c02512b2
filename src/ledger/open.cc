// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "daybook/core/check.h"
#include "daybook/core/crash_point.h"
#include "daybook/core/diagnostics.h"
#include "daybook/core/utf8.h"

#include "examine.h"
#include "ledger_impl.h"
#include "signing_key.h"
#include "stop_mark.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kOriginPrefix = "daybook/";
constexpr std::size_t kOriginRandomLength = 22;  // 131 bits.

// The steps of opening one directory, under its lock.
class Opening {
 public:
  Opening(FileSystem& fs, const FileSystem::Path& data_dir, const Ledger::Options& options,
          const Clock& clock, Random& random)
      : fs_(fs),
        data_dir_(data_dir),
        dir_(data_dir / kLedgerDir),
        keys_dir_(options.keys_dir.empty() ? data_dir / kKeysDir : options.keys_dir),
        options_(options),
        clock_(clock),
        random_(random) {}

  Result<OpenedLedger> run() {
    OpenedLedger opened;
    if (!std::has_single_bit(options_.segment_entries) ||
        options_.segment_entries > kSegmentEntriesMax) {
      return Error{Errc::invalid, "segment_entries is not a power of two up to 65,536"};
    }
    DAYBOOK_RETURN_IF_ERROR(fs_.make_dir(data_dir_));
    DAYBOOK_ASSIGN_OR_RETURN(opened.lock, fs_.lock(data_dir_ / kLockFile));
    DAYBOOK_RETURN_IF_ERROR(fs_.make_dir(dir_));
    DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(data_dir_));
    DAYBOOK_RETURN_IF_ERROR(initialise());
    DAYBOOK_ASSIGN_OR_RETURN(opened.keys, open_keys());
    DAYBOOK_RETURN_IF_ERROR(examine(opened));
    crash_point("open.examined");
    DAYBOOK_RETURN_IF_ERROR(harden_journal());
    crash_point("open.journal_hardened");
    DAYBOOK_RETURN_IF_ERROR(harden_checkpoints());
    crash_point("open.hardened");
    DAYBOOK_RETURN_IF_ERROR(remove_stop_mark(fs_, data_dir_));
    Marker marker;
    marker.journal = found_->journal.end;
    marker.checkpoints_end = found_->checkpoints->end();
    DAYBOOK_RETURN_IF_ERROR(put_ledger_file(fs_, data_dir_, kMarkerFile, encode_marker(marker)));
    crash_point("open.marked");

    opened.recovery.entries = found_->journal.end.entries;
    opened.recovery.torn_tail_bytes = found_->journal_tail + found_->checkpoints_tail;
    opened.recovery.clean = was_clean_;
    opened.store->attach_keys(*opened.keys);
    opened.store->attach_checkpoints(std::move(found_->checkpoints));
    opened.journal = std::make_unique<JournalWriter>(fs_, dir_, found_->journal.end,
                                                     opened.store->segment_entries());
    opened.sealer =
        std::make_unique<Sealer>(fs_, dir_, *opened.keys, *opened.store,
                                 std::move(found_->signed_range), found_->signed_position);
    return opened;
  }

 private:
  // Makes what a new ledger needs, or what a crash during an earlier attempt left out. The marker
  // comes first, so that a half-made directory is told from a damaged one.
  Status initialise() {
    DAYBOOK_ASSIGN_OR_RETURN(const auto names, fs_.list(dir_));
    const auto has = [&names](std::string_view name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (names.empty()) {
      DAYBOOK_ASSIGN_OR_RETURN(const bool key, fs_.exists(keys_dir_ / kSigningKeyFile));
      if (key) {
        // A new tree signed by this key would contradict checkpoints that are out in the world.
        return Error{Errc::corrupt, "the ledger is gone but its signing key is there",
                     std::string(kLedgerDir)};
      }
      DAYBOOK_RETURN_IF_ERROR(put_ledger_file(fs_, data_dir_, kMarkerFile, encode_marker({})));
      crash_point("make.marked");
    }
    if (has(kIdentityFile) && has(kCheckpointsFile)) return {};
    DAYBOOK_ASSIGN_OR_RETURN(const auto marker, read_marker(fs_, data_dir_));
    const bool begun = names.empty() || (marker && marker->checkpoints_end == 0);
    if (!begun || !journal_files(names).empty()) {
      return Error{Errc::corrupt, "missing",
                   in_ledger(has(kIdentityFile) ? kCheckpointsFile : kIdentityFile)};
    }
    is_new_ = true;
    DAYBOOK_ASSIGN_OR_RETURN(const crypto::NoteSigner signer, new_signer());
    crash_point("make.key_made");
    if (!has(kIdentityFile)) {
      const Identity identity{signer.name(), {signer.verifier().vkey()}};
      DAYBOOK_RETURN_IF_ERROR(
          put_ledger_file(fs_, data_dir_, kIdentityFile, as_bytes(encode_identity(identity))));
    }
    crash_point("make.named");
    return first_checkpoint(signer);
  }

  Result<crypto::NoteSigner> new_signer() {
    auto present = load_signing_key(fs_, keys_dir_);
    if (present || present.error().code != Errc::not_found) return present;
    std::string origin = options_.origin;
    if (origin.empty()) {
      origin = std::string(kOriginPrefix) + random_base62(random_, kOriginRandomLength);
    }
    if (!crypto::is_key_name(origin) || has_control(origin)) {
      return Error{Errc::invalid, "ledger.origin is not a key name: no spaces, no +, not empty"};
    }
    return create_signing_key(fs_, keys_dir_, origin, random_);
  }

  Status first_checkpoint(const crypto::NoteSigner& signer) {
    Checkpoint checkpoint;
    checkpoint.origin = signer.name();
    checkpoint.root = empty_root();
    CheckpointFrame frame;
    frame.journal.chain = genesis_hash(signer.name());
    DAYBOOK_ASSIGN_OR_RETURN(frame.note, crypto::sign_note(checkpoint_text(checkpoint), {&signer}));
    Bytes bytes = checkpoints_head();
    put_frame(bytes, frame);
    return put_ledger_file(fs_, data_dir_, kCheckpointsFile, bytes);
  }

  Result<std::unique_ptr<KeyRing>> open_keys() {
    DAYBOOK_ASSIGN_OR_RETURN(Identity identity, read_identity(fs_, data_dir_));
    if (!options_.origin.empty() && options_.origin != identity.origin) {
      return Error{Errc::invalid, "ledger.origin differs from the ledger's: " + identity.origin};
    }
    return KeyRing::open(fs_, data_dir_, keys_dir_, std::move(identity), clock_, random_);
  }

  Status examine(OpenedLedger& opened) {
    Examination::Options options;
    DAYBOOK_ASSIGN_OR_RETURN(options.deep, has_stop_mark(fs_, data_dir_));
    options.on_segment = [this, &opened](const std::shared_ptr<const Segment>& segment) -> Status {
      if (!opened.store) make_store(opened, segment->entries());
      return opened.store->attach_segment(segment);
    };
    options.on_group = [this, &opened](const GroupView& group,
                                       const std::vector<Hash>& leaves) -> Status {
      if (!opened.store) make_store(opened, options_.segment_entries);
      GroupContent content;
      content.first = group.header.first_index;
      content.file = group.file;
      content.leaves = leaves;
      DAYBOOK_RETURN_IF_ERROR(
          for_each_record(group, [&](const RecordView& record, const RecordPlace& place) -> Status {
            content.offsets.push_back(place.offset);
            content.keys.push_back(record.key);
            return {};
          }));
      opened.store->add(content);
      return {};
    };
    found_ = std::make_unique<Examination>(fs_, data_dir_, std::move(options));
    DAYBOOK_RETURN_IF_ERROR(found_->run());
    if (!found_->failures.empty()) {
      const VerifyFailure& first = found_->failures.front();
      return Error{Errc::corrupt, first.what, first.file, first.offset};
    }
    was_clean_ = is_new_ || !found_->marker;
    if (!opened.store) make_store(opened, options_.segment_entries);
    return {};
  }

  void make_store(OpenedLedger& opened, std::uint32_t segment_entries) {
    opened.store = std::make_unique<Store>(fs_, dir_, found_->identity->origin, segment_entries);
  }

  // Cuts the torn tail and makes the last group durable for certain: it may have been written but
  // never synced, and after a failed fdatasync the kernel may call pages clean that no disk holds,
  // so the same bytes are written once more. By the journal rule only the last group can be in
  // doubt.
  Status harden_journal() {
    const JournalWalk& walk = found_->journal;
    if (found_->journal_torn &&
        (walk.end.end == 0 || journal_name(walk.end.file) != walk.damage->file)) {
      DAYBOOK_RETURN_IF_ERROR(fs_.remove(dir_ / walk.damage->file));
    }
    if (walk.end.end == 0 || was_clean_) return fs_.sync_dir(dir_);
    DAYBOOK_ASSIGN_OR_RETURN(const auto file,
                             fs_.open(dir_ / journal_name(walk.end.file), OpenMode::write));
    DAYBOOK_RETURN_IF_ERROR(file->truncate(walk.end.end));
    const std::uint64_t from =
        walk.last_group_offset == kFileHeaderBytes ? 0 : walk.last_group_offset;
    DAYBOOK_RETURN_IF_ERROR(write_again(*file, from, walk.end.end));
    return fs_.sync_dir(dir_);
  }

  Status harden_checkpoints() {
    CheckpointStore& checkpoints = *found_->checkpoints;
    DAYBOOK_ASSIGN_OR_RETURN(auto file, fs_.open(dir_ / kCheckpointsFile, OpenMode::write));
    if (!was_clean_) {
      DAYBOOK_ASSIGN_OR_RETURN(const auto last, checkpoints.load(checkpoints.count() - 1));
      DAYBOOK_RETURN_IF_ERROR(file->truncate(checkpoints.end()));
      DAYBOOK_RETURN_IF_ERROR(write_again(*file, last.offset, checkpoints.end()));
    }
    checkpoints.use_file(std::move(file));
    return {};
  }

  static Status write_again(File& file, std::uint64_t from, std::uint64_t to) {
    Bytes bytes(to - from);
    DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, file.read_at(from, bytes));
    if (got != bytes.size()) return Error{Errc::io, "the file became shorter while opening"};
    DAYBOOK_RETURN_IF_ERROR(file.write_at(from, bytes));
    return file.sync();
  }

  FileSystem& fs_;
  const FileSystem::Path& data_dir_;
  const FileSystem::Path dir_;
  const FileSystem::Path keys_dir_;
  const Ledger::Options& options_;
  const Clock& clock_;
  Random& random_;
  std::unique_ptr<Examination> found_;
  bool is_new_ = false;
  bool was_clean_ = true;
};

}  // namespace

Result<OpenedLedger> open_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                    const Ledger::Options& options, const Clock& clock,
                                    Random& random) {
  return Opening(fs, data_dir, options, clock, random).run();
}

Result<std::unique_ptr<Ledger>> Ledger::open(FileSystem& fs, FileSystem::Path data_dir,
                                             Options options, const Clock& clock, Random& random,
                                             Metrics& metrics) {
  DAYBOOK_ASSIGN_OR_RETURN(OpenedLedger opened,
                           open_directory(fs, data_dir, options, clock, random));
  if (opened.recovery.torn_tail_bytes != 0) {
    diagnose(Severity::warn, "ledger",
             "unclean stop: " + std::to_string(opened.recovery.torn_tail_bytes) +
                 " bytes behind the last durable group were cut");
  }
  auto ledger = std::make_unique<LedgerImpl>(fs, std::move(data_dir), std::move(options), clock,
                                             random, metrics, std::move(opened));
  // What was promised to be erased is not shown again. A full disk delays it.
  if (const Status erased = ledger->finish_erasures();
      !erased && erased.error().code != Errc::exhausted) {
    return erased.error();
  }
  return std::unique_ptr<Ledger>(std::move(ledger));
}

}  // namespace daybook::ledger
