// SPDX-License-Identifier: Apache-2.0
// What an examination does with segments.
#include <bit>

#include "examine.h"
#include "segment_writer.h"

namespace daybook::ledger {

namespace {
constexpr std::uint64_t kProgressEvery = 1024;
}  // namespace

Status Examination::read_segments() {
  for (const std::uint64_t first : segment_firsts_) {
    const std::string path = in_ledger(segment_name(first));
    if (first != sealed) {
      fail(in_ledger(segment_name(sealed)), {}, sealed, "segment is missing");
      broken_ = true;
      return {};
    }
    auto segment = Segment::open(fs_, dir_ / segment_name(first));
    Status read;
    if (!segment) {
      read = segment.error();
    } else if (sealed != 0 && sealed % (*segment)->entries() != 0) {
      read = (*segment)->damaged(0, "segment of another size");
    } else {
      read = read_segment(*segment);
    }
    if (!read && read.error().code != Errc::corrupt && segment) return read;
    if (!read) {
      std::optional<std::uint64_t> index = range.size();
      if (segment && read.error().offset) {
        if (const auto known = index_at(**segment, *read.error().offset)) index = known;
      }
      fail(path, read.error().offset, index, read.error().context);
      broken_ = true;
      return {};
    }
  }
  if (!checkpoints || sealed == 0) return {};
  if (checkpoints->latest().size.value() < sealed) {
    fail(in_ledger(kCheckpointsFile), checkpoints->end(), checkpoints->latest().size.value(),
         "cut: segments hold more than the last checkpoint covers");
    broken_ = true;
  }
  while (next_checkpoint_ < checkpoints->count() &&
         checkpoints->size_of(next_checkpoint_) < sealed) {
    ++next_checkpoint_;  // Checked above, or left to a full verification.
  }
  return {};
}

Status Examination::read_segment(const std::shared_ptr<const Segment>& segment) {
  segments_end_ = segment_firsts_.size() * segment->entries();
  if (options_.deep || options_.on_leaf) {
    // The size-0 checkpoint stands before any entry.
    while (checkpoints && next_checkpoint_ < checkpoints->count() &&
           checkpoints->size_of(next_checkpoint_) <= range.size() && range.size() == 0) {
      check_checkpoint(next_checkpoint_++, nullptr);
    }
    const auto visit = [this](const StoredEntry& entry, const Hash& leaf) {
      return check_sealed_entry(entry, leaf);
    };
    if (options_.deep) {
      DAYBOOK_RETURN_IF_ERROR(check_segment(*segment, {visit, {}}));
    } else {
      const auto go_on = [&](const StoredEntry& entry, const Hash& leaf) -> Result<bool> {
        DAYBOOK_RETURN_IF_ERROR(visit(entry, leaf));
        return true;
      };
      DAYBOOK_RETURN_IF_ERROR(segment->scan(0, segment->entries(), go_on));
    }
  } else {
    const auto level = static_cast<unsigned>(std::countr_zero(segment->entries()));
    range.append_subtree(level, segment->root());
  }
  sealed += segment->entries();
  erased += segment->erased().size();
  if (options_.on_segment) return options_.on_segment(segment);
  return {};
}

Status Examination::check_sealed_entry(const StoredEntry& entry, const Hash& leaf) {
  range.append(leaf);
  const std::uint64_t size = range.size();
  if (size % kProgressEvery == 0) report_progress();
  // The one at the very end of the segments is held against the journal as well, later.
  while (options_.deep && checkpoints && next_checkpoint_ < checkpoints->count() &&
         checkpoints->size_of(next_checkpoint_) <= size) {
    if (size == segments_end_) break;
    check_checkpoint(next_checkpoint_++, nullptr);
  }
  if (!options_.on_leaf) return {};
  return options_.on_leaf(entry.index.value(), leaf, entry.commitments);
}

}  // namespace daybook::ledger
