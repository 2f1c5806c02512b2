// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

namespace daybook::ledger {

// `<data>/ledger.reserve`: space kept back, so that after the disk is full a last entry that says
// so, and the checkpoint over it, still fit. Threads: the writer's.
class SpaceReserve {
 public:
  // Of `bytes` 0 nothing is kept.
  SpaceReserve(FileSystem& fs, FileSystem::Path data_dir, std::uint64_t bytes);

  // Takes the space unless it is held. Errc::exhausted, and nothing taken, while there is less.
  Status hold();
  // Gives it back.
  void release();
  [[nodiscard]] bool enabled() const { return bytes_ != 0; }

 private:
  [[nodiscard]] bool is_whole() const;
  Status fill(const FileSystem::Path& path);

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  const std::uint64_t bytes_;
};

}  // namespace daybook::ledger
