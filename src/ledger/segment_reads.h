// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <future>
#include <memory>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

#include "segment.h"

namespace daybook::ledger {

// A segment that was read, or why it could not be.
struct ReadSegment {
  std::shared_ptr<const Segment> segment;  // Null if it could not be opened.
  Status status;
  bool whole = false;  // All entries were to be read.
  // Of the entries that are sound, in order, as far as was asked for.
  std::vector<Hash> leaves;
  std::vector<Hash> tiles;  // Roots of their tiles, if every byte was checked.
  std::vector<record::Commitments> commitments;
};

// Reads segments on all processors and gives them in order. At most one a processor is under way,
// about 3 MiB each, with commitments 9. What is only opened is opened when its turn comes.
//
// Threads: one; destruction waits for what is under way.
class SegmentReads {
 public:
  struct What {
    std::uint64_t first = 0;   // Of the segment.
    bool leaves = false;       // Read all entries.
    bool deep = false;         // And every byte.
    bool commitments = false;  // And keep them.
  };
  SegmentReads(FileSystem& fs, FileSystem::Path ledger_dir, std::deque<What> queue);
  // The next one of the queue, which must not be at its end.
  ReadSegment next();

 private:
  static ReadSegment read(FileSystem& fs, const FileSystem::Path& path, const What& what);

  FileSystem& fs_;
  const FileSystem::Path dir_;
  const std::size_t threads_;
  std::deque<What> queue_;
  std::deque<std::future<ReadSegment>> under_way_;
};

}  // namespace daybook::ledger
