// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

#include "erasures.h"
#include "store.h"

namespace daybook::ledger {

// Erases parts of entries in segments and journal: each file that holds one is written anew without
// it and takes the old one's name in one step. Doing it again does no harm, so that a crash at any
// point is mended by doing all of it again.
//
// Threads: the maintenance's.
class Eraser {
 public:
  // Runs a function while no group is written and lets the writer open its file anew after it.
  using WithoutWriter = std::function<Status(const std::function<Status()>&)>;
  Eraser(FileSystem& fs, const FileSystem::Path& data_dir, Store& store,
         const WithoutWriter& without_writer);

  // Ascending, one an entry. Errc::cancelled between two files once `stopping` says so.
  Status erase(const std::vector<Erasure>& erasures, const std::function<bool()>& stopping);

 private:
  using Parts = std::map<std::uint64_t, std::uint8_t>;  // By index.
  Status erase_in_segment(std::size_t number, const Parts& parts);
  Status write_segment_without(const Segment& segment, const Parts& parts);
  Status erase_in_file(std::uint64_t first, const Parts& parts);
  Status write_file_without(std::uint64_t first, const Parts& parts);
  Status put_in_place(const std::string& name);

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  const FileSystem::Path dir_;
  const FileSystem::Path temporary_;
  Store& store_;
  const WithoutWriter& without_writer_;
};

}  // namespace daybook::ledger
