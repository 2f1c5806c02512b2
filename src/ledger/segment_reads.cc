// SPDX-License-Identifier: Apache-2.0
#include "segment_reads.h"

#include <algorithm>
#include <thread>

#include "segment_writer.h"

namespace daybook::ledger {

SegmentReads::SegmentReads(FileSystem& fs, FileSystem::Path ledger_dir, std::deque<What> queue)
    : fs_(fs),
      dir_(std::move(ledger_dir)),
      threads_(std::max(1U, std::thread::hardware_concurrency())),
      queue_(std::move(queue)) {}

ReadSegment SegmentReads::next() {
  while (under_way_.size() < threads_ && !queue_.empty()) {
    const What what = queue_.front();
    queue_.pop_front();
    const auto policy = what.leaves ? std::launch::async : std::launch::deferred;
    under_way_.push_back(std::async(
        policy, [this, what] { return read(fs_, dir_ / segment_name(what.first), what); }));
  }
  ReadSegment result = under_way_.front().get();
  under_way_.pop_front();
  return result;
}

ReadSegment SegmentReads::read(FileSystem& fs, const FileSystem::Path& path, const What& what) {
  ReadSegment result;
  auto opened = Segment::open(fs, path);
  if (!opened) {
    result.status = std::move(opened).error();
    return result;
  }
  result.segment = *std::move(opened);
  result.whole = what.leaves;
  if (!what.leaves) return result;
  const Segment& segment = *result.segment;
  result.leaves.reserve(segment.entries());
  if (what.commitments) result.commitments.reserve(segment.entries());
  const auto keep = [&](const StoredEntry& entry, const Hash& leaf) -> Status {
    result.leaves.push_back(leaf);
    if (what.commitments) result.commitments.push_back(entry.commitments);
    return {};
  };
  if (what.deep) {
    result.status = check_segment(segment, {keep, {}});
    if (auto tiles = segment.roots(); result.status && tiles) result.tiles = *std::move(tiles);
  } else {
    result.status = segment.scan(0, segment.entries(),
                                 [&](const StoredEntry& entry, const Hash& leaf) -> Result<bool> {
                                   DAYBOOK_RETURN_IF_ERROR(keep(entry, leaf));
                                   return true;
                                 });
  }
  return result;
}

}  // namespace daybook::ledger
