// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

#include "journal_format.h"

namespace daybook::ledger {

// A place between two groups.
struct JournalPosition {
  std::uint64_t entries = 0;
  std::uint64_t groups = 0;
  Hash chain{};            // H of the last group before it; genesis_hash() at the start.
  std::uint64_t file = 0;  // First index of the file it is in.
  std::uint64_t end = 0;   // Offset in it; 0 while there is no file at all.
  friend bool operator==(const JournalPosition&, const JournalPosition&) = default;
};

struct GroupView {
  const GroupHeader& header;
  ByteSpan payload;
  std::uint64_t file = 0;        // First index of its file.
  std::uint64_t offset = 0;      // Of its header.
  std::span<const Hash> leaves;  // Of its records.
  JournalPosition after;         // Behind this group.
};

// Where a journal stops being readable.
struct JournalDamage {
  std::string file;  // Name inside ledger/.
  std::uint64_t offset = 0;
  std::uint64_t index = 0;  // First entry that is not readable.
  std::string what;
  // A later header or file shows that these bytes were durable once, so this is no torn write.
  bool was_durable = false;
  std::uint64_t tail_bytes = 0;  // In `file`, behind its last good group.
};

struct JournalWalk {
  JournalPosition end;                  // Behind the last good group.
  std::uint64_t last_group_offset = 0;  // Of the header of the last good group, if any.
  std::optional<JournalDamage> damage;
};

// A journal's files by first index, opened by whoever walks them: so they stay readable when they
// are retired meanwhile.
using JournalFiles = std::map<std::uint64_t, std::unique_ptr<File>>;
Result<JournalFiles> open_journal_files(FileSystem& fs, const FileSystem::Path& ledger_dir,
                                        const std::vector<std::uint64_t>& firsts);

// The header of the file of that first index; Errc::corrupt if there is no sound one.
Result<FileHeader> read_file_header(const File& file, std::uint64_t first);
// Where the file's groups go on.
[[nodiscard]] JournalPosition start_of(const FileHeader& header);

// Calls `visit` for each group behind `start` in order, checksums and chain checked, until the end
// or the first damage. An error of `visit`, or of reading, ends the walk. Each file is read as far
// as it reached when its turn came. Records are not looked at: for_each_record().
using GroupVisitor = std::function<Status(const GroupView&)>;
Result<JournalWalk> walk_journal(const JournalFiles& files, const JournalPosition& start,
                                 const GroupVisitor& visit);

// One past the last entry that any valid group header of a journal file tells of; 0 without one.
Result<std::uint64_t> last_claimed_entry(const File& file);

struct RecordPlace {
  std::uint64_t index = 0;
  std::uint64_t offset = 0;
};
using RecordVisitor = std::function<Status(const RecordView&, const RecordPlace&)>;
// The records of a group with their places in its file. Errc::corrupt with the offset if the
// payload does not hold exactly the records the header counts.
Status for_each_record(const GroupView& group, const RecordVisitor& visit);

}  // namespace daybook::ledger
