// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "daybook/core/metrics.h"
#include "daybook/ledger/backup.h"
#include "daybook/ledger/ledger.h"
#include "daybook/ledger/verify.h"

#include "checkpoint_file.h"
#include "copy_files.h"
#include "journal_walk.h"
#include "ledger_files.h"
#include "own_event.h"
#include "saved_checkpoint.h"
#include "segment_format.h"
#include "signing_key.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kOldDir = "restored-from";

class Restoring {
 public:
  Restoring(FileSystem& fs, const FileSystem::Path& backup, FileSystem::Path data_dir,
            const RestoreOptions& options, const Clock& clock, Random& random)
      : fs_(fs),
        from_(backup / kLedgerDir),
        data_dir_(std::move(data_dir)),
        to_(data_dir_ / kLedgerDir),
        keys_dir_(options.keys_dir.empty() ? data_dir_ / kKeysDir : options.keys_dir),
        options_(options),
        clock_(clock),
        random_(random) {}

  Result<RestoreReport> run(const VerifyReport& found) {
    found_ = found;
    DAYBOOK_RETURN_IF_ERROR(fs_.make_dir(to_));
    if (options_.same_origin) {
      DAYBOOK_RETURN_IF_ERROR(go_on());
    } else {
      DAYBOOK_RETURN_IF_ERROR(begin_anew());
    }
    DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(to_));
    DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(data_dir_));
    return open_it();
  }

 private:
  // The same files. What identifies the ledger comes last: without it nothing starts.
  Status go_on() {
    DAYBOOK_ASSIGN_OR_RETURN(const auto signer, load_signing_key(fs_, keys_dir_));
    if (signer.verifier().vkey() != found_.keys.front()) {
      return Error{Errc::invalid, "the signing key is not the one of this ledger",
                   (keys_dir_ / kSigningKeyFile).string()};
    }
    DAYBOOK_ASSIGN_OR_RETURN(const auto names, fs_.list(from_));
    for (const std::string& name : names) {
      if (name == kIdentityFile || name == kMarkerFile) continue;
      DAYBOOK_RETURN_IF_ERROR(copy(name, to_));
    }
    return copy(std::string(kIdentityFile), to_);
  }

  // Segments as they are; the journal in the chain of the new origin; checkpoints from the start,
  // the first one over all that was there.
  Status begin_anew() {
    std::string origin = options_.new_origin;
    if (origin.empty()) origin = "daybook/" + random_base62(random_, 22);
    if (!crypto::is_key_name(origin) || origin == found_.origin) {
      return Error{Errc::invalid, "the new origin is no key name, or the old one"};
    }
    DAYBOOK_ASSIGN_OR_RETURN(const auto signer,
                             create_signing_key(fs_, keys_dir_, origin, random_));
    DAYBOOK_RETURN_IF_ERROR(fs_.make_dir(data_dir_ / kOldDir));
    DAYBOOK_ASSIGN_OR_RETURN(const auto names, fs_.list(from_));
    for (const std::string& name : names) {
      if (parse_journal_name(name) || name == kMarkerFile) continue;
      const bool old = name == kIdentityFile || name == kCheckpointsFile;
      DAYBOOK_RETURN_IF_ERROR(copy(name, old ? data_dir_ / kOldDir : to_));
    }
    DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(data_dir_ / kOldDir));
    JournalPosition end;
    end.chain = genesis_hash(origin);
    DAYBOOK_RETURN_IF_ERROR(rechain(journal_files(names), end));
    DAYBOOK_RETURN_IF_ERROR(sign_first(signer, origin, end));
    const Identity identity{origin, {signer.verifier().vkey()}};
    return put_ledger_file(fs_, data_dir_, kIdentityFile, as_bytes(encode_identity(identity)));
  }

  Status copy(const std::string& name, const FileSystem::Path& dir) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs_.open(from_ / name, OpenMode::read));
    return copy_file(fs_, *file, dir / name, ~std::uint64_t{0});
  }

  // Copies the journal; group headers name the chain of the new origin, everything else stays where
  // it is. Behind segments the chain of the groups that are gone is taken as it was. `end`: genesis
  // before, the end of the copy afterwards.
  Status rechain(const std::vector<std::uint64_t>& firsts, JournalPosition& end) {
    if (firsts.empty()) return {};
    DAYBOOK_ASSIGN_OR_RETURN(const JournalFiles files, open_journal_files(fs_, from_, firsts));
    DAYBOOK_ASSIGN_OR_RETURN(const FileHeader first,
                             read_file_header(*files.begin()->second, firsts.front()));
    if (first.first_index != 0) end.chain = first.chain;
    const JournalPosition start = start_of(first);
    std::unique_ptr<File> out;
    const auto each = [&](const GroupView& group) -> Status {
      if (group.offset == kFileHeaderBytes) {
        if (out) DAYBOOK_RETURN_IF_ERROR(out->sync());
        DAYBOOK_ASSIGN_OR_RETURN(FileHeader header,
                                 read_file_header(*files.at(group.file), group.file));
        header.chain = end.chain;
        Bytes front;
        put_file_header(front, header);
        DAYBOOK_ASSIGN_OR_RETURN(out,
                                 fs_.open(to_ / journal_name(group.file), OpenMode::create_new));
        DAYBOOK_RETURN_IF_ERROR(out->write_at(0, front));
      }
      GroupHeader header = group.header;
      header.chain = end.chain;
      end = group.after;
      end.chain = chain_hash(header, group.leaves);
      DAYBOOK_RETURN_IF_ERROR(out->write_at(group.offset, encode_group_header(header)));
      return out->write_at(group.offset + kGroupHeaderBytes, group.payload);
    };
    DAYBOOK_ASSIGN_OR_RETURN(const JournalWalk walk, walk_journal(files, start, each));
    if (walk.damage) {
      return Error{Errc::corrupt, walk.damage->what, in_ledger(walk.damage->file),
                   walk.damage->offset};
    }
    return out ? out->sync() : Status{};
  }

  Status sign_first(const crypto::NoteSigner& signer, const std::string& origin,
                    const JournalPosition& end) {
    Bytes bytes = checkpoints_head();
    CheckpointFrame frame;
    frame.journal.chain = genesis_hash(origin);
    DAYBOOK_ASSIGN_OR_RETURN(frame.note, sign(signer, {origin, TreeSize(0), empty_root(), {}}));
    put_frame(bytes, frame);
    if (found_.tree_size > 0) {
      DAYBOOK_ASSIGN_OR_RETURN(const std::string note,
                               sign(signer, {origin, TreeSize(found_.tree_size), found_.root, {}}));
      put_frame(bytes, {1, end, note});
    }
    return put_ledger_file(fs_, data_dir_, kCheckpointsFile, bytes);
  }

  static Result<std::string> sign(const crypto::NoteSigner& signer, const Checkpoint& checkpoint) {
    return crypto::sign_note(checkpoint_text(checkpoint), {&signer});
  }

  // Opens as any start does, says what happened in an entry, and leaves the directory clean.
  Result<RestoreReport> open_it() {
    Metrics metrics;
    Ledger::Options how;
    how.keys_dir = keys_dir_;
    how.background = false;
    DAYBOOK_ASSIGN_OR_RETURN(const auto ledger,
                             Ledger::open(fs_, data_dir_, how, clock_, random_, metrics));
    record::Json detail{{"origin", found_.origin},
                        {"treeSize", found_.tree_size},
                        {"rootHash", to_hex(found_.root)},
                        {"key", found_.keys.front()},
                        {"sameOrigin", options_.same_origin}};
    if (!options_.why.empty()) detail["why"] = options_.why;
    std::vector<Draft> batch;
    batch.push_back(prepare(own_event("RESTORE", std::move(detail), clock_, random_), {}, random_));
    DAYBOOK_ASSIGN_OR_RETURN(const Appended appended, append_and_wait(*ledger, std::move(batch)));
    RestoreReport report;
    report.old = {found_.tree_size, found_.root, found_.origin};
    report.origin = ledger->reader().origin();
    report.tree_size = appended.tree_size.value();
    DAYBOOK_RETURN_IF_ERROR(ledger->close());
    return report;
  }

  FileSystem& fs_;
  const FileSystem::Path from_;
  const FileSystem::Path data_dir_;
  const FileSystem::Path to_;
  const FileSystem::Path keys_dir_;
  const RestoreOptions& options_;
  const Clock& clock_;
  Random& random_;
  VerifyReport found_;
};

}  // namespace

Result<RestoreReport> restore_directory(FileSystem& fs, const FileSystem::Path& backup,
                                        const FileSystem::Path& data_dir,
                                        const RestoreOptions& options, const Clock& clock,
                                        Random& random) {
  DAYBOOK_RETURN_IF_ERROR(expect_empty(fs, data_dir, {kKeysDir}));
  if (options.same_origin && options.known_checkpoint.empty()) {
    return Error{Errc::denied,
                 "the old origin goes on only from the largest checkpoint known outside"};
  }
  VerifyOptions how;
  if (options.same_origin) how.saved_checkpoint = options.known_checkpoint;
  DAYBOOK_ASSIGN_OR_RETURN(const VerifyReport found, verify_directory(fs, backup, how));
  if (!found.ok) {
    const VerifyFailure& first = found.failures.front();
    const bool behind = first.file == SavedCheckpoint::name();
    return Error{behind ? Errc::denied : Errc::corrupt, first.what, first.file, first.offset};
  }
  if (found.torn_tail_bytes != 0) {
    return Error{Errc::invalid, "not a backup: it ends in an unfinished write", backup.string()};
  }
  return Restoring(fs, backup, data_dir, options, clock, random).run(found);
}

}  // namespace daybook::ledger
