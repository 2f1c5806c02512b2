// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

#include "journal_walk.h"

namespace daybook::ledger {

// Room in front of a payload for the headers, so that a group is one write.
constexpr std::size_t kGroupFrontBytes = kFileHeaderBytes + kGroupHeaderBytes;

// The open end of the journal. A file holds entries of one segment to come, or one group that
// reaches into the next: so a segment is complete as soon as its files are closed, and little of
// them has to stay. Threads: the writer's. After an error other than Errc::exhausted and
// Errc::unavailable nothing may be written any more.
class JournalWriter {
 public:
  // `position` is the end of the journal on disk.
  JournalWriter(FileSystem& fs, FileSystem::Path ledger_dir, const JournalPosition& position,
                std::uint64_t segment_entries);

  // Writes one group and makes it durable. `bytes`: kGroupFrontBytes to be filled, then the payload
  // with a record for each leaf. Errc::exhausted: the disk is full; Errc::unavailable: the file
  // could not be opened; either way the journal is as before. `leaves`: their hashes.
  Status append(Bytes& bytes, std::span<const Hash> leaves);

  // Another file took the name of the open one: the next group goes there.
  void reopen() { file_.reset(); }

  [[nodiscard]] const JournalPosition& position() const { return position_; }
  // Where the last group's payload begins in its file.
  [[nodiscard]] std::uint64_t payload_offset() const { return payload_offset_; }

 private:
  Status write_group(const FileSystem::Path& path, ByteSpan bytes, std::uint64_t offset);
  Status undo(const FileSystem::Path& path, std::uint64_t offset);

  FileSystem& fs_;
  FileSystem::Path dir_;
  JournalPosition position_;
  std::uint64_t segment_entries_;
  std::uint64_t payload_offset_ = 0;
  std::unique_ptr<File> file_;  // Of position_.file; opened when first needed.
};

}  // namespace daybook::ledger
