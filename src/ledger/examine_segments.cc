// SPDX-License-Identifier: Apache-2.0
// What an examination does with segments.
#include <bit>

#include "examine.h"
#include "segment_reads.h"
#include "segment_writer.h"

namespace daybook::ledger {

namespace {
constexpr std::uint64_t kProgressEvery = 1024;
}  // namespace

Status Examination::read_segments() {
  const bool leaves = options_.deep || options_.on_leaf;
  std::deque<SegmentReads::What> queue;
  for (std::size_t n = 0; n < segment_firsts_.size(); ++n) {
    // A segment ends where the next one begins; of the last that is not known yet.
    const bool trusted =
        n + 1 < segment_firsts_.size() && segment_firsts_[n + 1] <= options_.trusted;
    queue.push_back({segment_firsts_[n], leaves && !trusted, options_.deep,
                     static_cast<bool>(options_.on_leaf)});
  }
  SegmentReads reads(fs_, dir_, std::move(queue));
  for (const std::uint64_t first : segment_firsts_) {
    const std::string path = in_ledger(segment_name(first));
    if (first != sealed) {
      fail(in_ledger(segment_name(sealed)), {}, sealed, "segment is missing");
      broken_ = true;
      return {};
    }
    ReadSegment read = reads.next();
    if (read.segment && sealed != 0 && sealed % read.segment->entries() != 0) {
      read.status = read.segment->damaged(0, "segment of another size");
      read.leaves.clear();
    }
    const Status taken = take_segment(read);
    if (!taken && taken.error().code != Errc::corrupt && read.segment) return taken;
    if (!taken) {
      std::optional<std::uint64_t> index = range.size();
      if (read.segment && taken.error().offset) {
        if (const auto known = index_at(*read.segment, *taken.error().offset)) index = known;
      }
      fail(path, taken.error().offset, index, taken.error().context);
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

// A segment's sound entries, then what was wrong with it.
Status Examination::take_segment(const ReadSegment& read) {
  const auto& segment = read.segment;
  if (!segment) return read.status;
  segments_end_ = segment_firsts_.size() * segment->entries();
  if (read.whole) {
    // The size-0 checkpoint stands before any entry.
    while (checkpoints && next_checkpoint_ < checkpoints->count() &&
           checkpoints->size_of(next_checkpoint_) <= range.size() && range.size() == 0) {
      check_checkpoint(next_checkpoint_++, nullptr);
    }
    DAYBOOK_RETURN_IF_ERROR(take_entries(read));
    DAYBOOK_RETURN_IF_ERROR(read.status);
  } else {
    DAYBOOK_RETURN_IF_ERROR(read.status);
    DAYBOOK_RETURN_IF_ERROR(take_subtree(*segment));
  }
  sealed += segment->entries();
  erased += segment->erased().size();
  if (options_.on_segment) return options_.on_segment(segment);
  return {};
}

// One by one only where somebody asks for leaves, or a checkpoint ends.
Status Examination::take_entries(const ReadSegment& read) {
  const unsigned level = roots_level(read.segment->entries());
  const std::size_t width = std::size_t{1} << level;
  for (std::size_t n = 0; n < read.leaves.size();) {
    const bool ends_inside = checkpoints && next_checkpoint_ < checkpoints->count() &&
                             checkpoints->size_of(next_checkpoint_) < range.size() + width;
    if (n % width == 0 && !read.tiles.empty() && !options_.on_leaf && !ends_inside) {
      range.append_subtree(level, read.tiles[n / width]);
      check_reached();
      n += width;
      continue;
    }
    const record::Commitments* commitments = options_.on_leaf ? &read.commitments[n] : nullptr;
    DAYBOOK_RETURN_IF_ERROR(check_sealed_entry(read.leaves[n], commitments));
    ++n;
  }
  return {};
}

// A segment of which only the root is looked at.
Status Examination::take_subtree(const Segment& segment) {
  const auto level = static_cast<unsigned>(std::countr_zero(segment.entries()));
  range.append_subtree(level, segment.root());
  if (!options_.deep) return {};
  DAYBOOK_RETURN_IF_ERROR(segment.roots());
  if (options_.on_subtree) options_.on_subtree(level, segment.root());
  while (checkpoints && next_checkpoint_ < checkpoints->count() &&
         checkpoints->size_of(next_checkpoint_) <= range.size()) {
    if (range.size() == segments_end_) break;
    if (checkpoints->size_of(next_checkpoint_) == range.size()) {
      check_checkpoint(next_checkpoint_, nullptr);
    }
    ++next_checkpoint_;
  }
  report_progress();
  return {};
}

Status Examination::check_sealed_entry(const Hash& leaf, const record::Commitments* commitments) {
  const std::uint64_t index = range.size();
  range.append(leaf);
  check_reached();
  if (!options_.on_leaf) return {};
  return options_.on_leaf(index, leaf, *commitments);
}

// Checkpoints of the size reached.
void Examination::check_reached() {
  const std::uint64_t size = range.size();
  if (size % kProgressEvery == 0) report_progress();
  // The one at the very end of the segments is held against the journal as well, later.
  while (options_.deep && checkpoints && next_checkpoint_ < checkpoints->count() &&
         checkpoints->size_of(next_checkpoint_) <= size) {
    if (size == segments_end_) break;
    check_checkpoint(next_checkpoint_++, nullptr);
  }
}

}  // namespace daybook::ledger
