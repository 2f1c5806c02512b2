// SPDX-License-Identifier: Apache-2.0
#include "sealer.h"

#include "daybook/record/parts.h"

namespace daybook::ledger {

Sealer::Sealer(FileSystem& fs, FileSystem::Path ledger_dir, KeyRing& keys, Store& store,
               CompactRange signed_range, const JournalPosition& position)
    : fs_(fs),
      dir_(std::move(ledger_dir)),
      keys_(keys),
      store_(store),
      range_(std::move(signed_range)),
      position_(position) {}

Status Sealer::read_back(const JournalPosition& end) {
  if (position_ == end) return {};
  const auto names = fs_.list(dir_);
  if (!names) return Error{Errc::unavailable, names.error().context};
  auto firsts = journal_files(*names);
  std::erase_if(firsts, [this](std::uint64_t first) { return first < position_.file; });
  const auto files = open_journal_files(fs_, dir_, firsts);
  if (!files) return Error{Errc::unavailable, files.error().context};
  const auto walk = walk_journal(*files, position_, [this](const GroupView& group) -> Status {
    for (const Hash& leaf : group.leaves) range_.append(leaf);
    position_ = group.after;
    return {};
  });
  // Not readable now is no contradiction: nothing is signed, and the next attempt goes on from
  // here.
  if (!walk && walk.error().code != Errc::corrupt) {
    return Error{Errc::unavailable, walk.error().context};
  }
  if (!walk) return walk.error();
  if (walk->damage) {
    return Error{Errc::corrupt, "read back: " + walk->damage->what, walk->damage->file,
                 walk->damage->offset};
  }
  if (!(position_ == end)) {
    return Error{Errc::corrupt, "the journal read back is not the one written"};
  }
  return {};
}

Result<PublishedCheckpoint> Sealer::seal(const JournalPosition& end) {
  const PublishedCheckpoint latest = store_.latest_checkpoint();
  if (latest.size.value() == end.entries) return latest;
  DAYBOOK_RETURN_IF_ERROR(read_back(end));
  Checkpoint checkpoint;
  checkpoint.origin = store_.origin();
  checkpoint.size = TreeSize(range_.size());
  checkpoint.root = range_.root();
  if (checkpoint.size.value() < latest.size.value()) {
    return Error{Errc::corrupt, "the tree is smaller than the last signed one"};
  }
  if (checkpoint.size != store_.size() || checkpoint.root != store_.root(checkpoint.size)) {
    return Error{Errc::corrupt, "the tree read back is not the one shown"};
  }
  DAYBOOK_ASSIGN_OR_RETURN(const std::string note, keys_.sign(checkpoint_text(checkpoint)));
  DAYBOOK_RETURN_IF_ERROR(store_.checkpoints().append(position_, checkpoint.root, note));
  return store_.latest_checkpoint();
}

}  // namespace daybook::ledger
