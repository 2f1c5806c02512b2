// SPDX-License-Identifier: Apache-2.0
#include "journal_walk.h"

#include <algorithm>

#include "read_window.h"

namespace daybook::ledger {

namespace {

constexpr std::uint64_t kPiece = 256U << 10U;
// Calls `visit` for each valid group header at or behind `from`, wherever it lies, until it returns
// false.
Status each_header(ReadWindow& window, std::uint64_t from,
                   const std::function<bool(const GroupHeader&)>& visit) {
  while (from + kGroupHeaderBytes <= window.limit()) {
    DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan piece, window.view(from, kPiece));
    if (piece.size() < kGroupHeaderBytes) return {};
    std::size_t at = 0;
    while ((at = as_text(piece).find(group_magic(), at)) != std::string_view::npos &&
           at + kGroupHeaderBytes <= piece.size()) {
      const auto header = get_group_header(piece.subspan(at));
      if (header && !visit(*header)) return {};
      ++at;
    }
    from += piece.size() - kGroupHeaderBytes + 1;
  }
  return {};
}

// Whether the file holds, at or behind `from`, a valid header of a group later than `number`. Such
// a header was written only after fdatasync of group `number` (the journal rule), so what is
// missing was durable. The magic cannot stand in a payload by a sender's will: a header has zero
// bytes, canonical JSON has none.
Result<bool> later_group_exists(ReadWindow& window, std::uint64_t from, std::uint64_t number) {
  bool later = false;
  DAYBOOK_RETURN_IF_ERROR(each_header(window, from, [&](const GroupHeader& header) {
    later = header.number > number;
    return !later;
  }));
  return later;
}

// One walk: the position moves on as groups are read.
class Walker {
 public:
  Walker(const GroupVisitor& visit, const JournalPosition& start) : visit_(visit) {
    walk_.end = start;
  }

  Status file(std::uint64_t first_index, const File& opened, bool is_last) {
    const std::string name = journal_name(first_index);
    DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t size, opened.size());
    ReadWindow window(opened, size);
    is_last_ = is_last;
    file_ = first_index;
    const bool resumed = walk_.end.end != 0 && walk_.end.file == first_index;
    at_ = resumed ? walk_.end.end : 0;
    if (!resumed) {
      DAYBOOK_RETURN_IF_ERROR(file_header(window, name));
    }
    while (!walk_.damage && at_ < size) {
      DAYBOOK_RETURN_IF_ERROR(group(window, name));
    }
    if (!walk_.damage && !resumed && at_ == kFileHeaderBytes) {
      return damage(window, name, at_, "journal file without a group");
    }
    return {};
  }

  [[nodiscard]] bool damaged() const { return walk_.damage.has_value(); }
  JournalWalk take() { return std::move(walk_); }

 private:
  // At at_. `behind`: where to look for a later group.
  Status damage(ReadWindow& window, const std::string& name, std::uint64_t behind,
                std::string what) {
    DAYBOOK_ASSIGN_OR_RETURN(const bool later,
                             later_group_exists(window, behind, walk_.end.groups));
    const bool any_good = walk_.end.end != 0 && walk_.end.file == file_;
    JournalDamage found;
    found.file = name;
    found.offset = at_;
    found.index = walk_.end.entries;
    found.what = std::move(what);
    found.was_durable = later || !is_last_;
    found.tail_bytes = window.limit() - (any_good ? walk_.end.end : 0);
    walk_.damage = std::move(found);
    return {};
  }

  // Checksummed bytes that do not belong where they are: no torn write makes those.
  Status contradiction(std::string name, std::uint64_t offset, std::string what) {
    walk_.damage =
        JournalDamage{std::move(name), offset, walk_.end.entries, std::move(what), true, 0};
    return {};
  }

  Status file_header(ReadWindow& window, const std::string& name) {
    DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan bytes, window.view(0, kFileHeaderBytes));
    const auto header =
        bytes.size() == kFileHeaderBytes ? get_file_header(bytes) : std::optional<FileHeader>{};
    if (!header) return damage(window, name, 0, "journal file header damaged or cut");
    const JournalPosition& end = walk_.end;
    const FileHeader expected{end.entries, end.groups, end.file, end.end, end.chain};
    if (file_ == header->first_index && file_ > end.entries) return gap(*header);
    if (file_ != header->first_index || *header != expected) {
      return contradiction(name, 0, "journal file does not follow the one before it");
    }
    at_ = kFileHeaderBytes;
    return {};
  }

  // The file found begins later than where the bytes before it end: a file is missing or was cut.
  Status gap(const FileHeader& next) {
    if (walk_.end.end != 0 && next.previous_file == walk_.end.file) {
      return contradiction(journal_name(next.previous_file), walk_.end.end, "journal file was cut");
    }
    return contradiction(journal_name(next.previous_file), 0, "journal file is missing");
  }

  Status group(ReadWindow& window, const std::string& name) {
    DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan bytes, window.view(at_, kGroupHeaderBytes));
    const auto header =
        bytes.size() == kGroupHeaderBytes ? get_group_header(bytes) : std::optional<GroupHeader>{};
    if (!header) return damage(window, name, at_ + 1, "group header damaged or cut");
    const JournalPosition& end = walk_.end;
    if (header->number != end.groups || header->first_index != end.entries ||
        header->previous_end != at_ || header->chain != end.chain || header->count == 0 ||
        header->payload_bytes > kPayloadBytesMax) {
      return contradiction(name, at_, "group does not follow the one before it");
    }
    const std::uint64_t whole = kGroupHeaderBytes + header->payload_bytes;
    DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan all, window.view(at_, whole));
    const ByteSpan payload = all.subspan(std::min<std::size_t>(kGroupHeaderBytes, all.size()));
    GroupView view{*header, payload, file_, at_, {}, {}};
    if (payload.size() != header->payload_bytes || crc32c(payload) != header->payload_crc) {
      return bad_payload(window, name, view);
    }
    leaves_.clear();
    DAYBOOK_RETURN_IF_ERROR(
        for_each_record(view, [this](const RecordView& record, const RecordPlace&) -> Status {
          leaves_.push_back(record::leaf_hash(record.commitments));
          return {};
        }));
    view.leaves = leaves_;
    view.after = JournalPosition{end.entries + header->count, end.groups + 1,
                                 chain_hash(*header, leaves_), file_, at_ + whole};
    DAYBOOK_RETURN_IF_ERROR(visit_(view));
    walk_.end = view.after;
    walk_.last_group_offset = at_;
    at_ += whole;
    return {};
  }

  Status bad_payload(ReadWindow& window, const std::string& name, const GroupView& view) {
    // Name the first entry that is hit; the checksum of the whole group only says that one is.
    std::uint64_t index = view.header.first_index;
    const Status records =
        for_each_record(view, [&](const RecordView&, const RecordPlace& place) -> Status {
          index = place.index + 1;
          return {};
        });
    const std::uint64_t last = view.header.first_index + view.header.count - 1;
    DAYBOOK_RETURN_IF_ERROR(
        damage(window, name, view.offset + kGroupHeaderBytes, "group payload damaged or cut"));
    walk_.damage->index = std::min(index, last);
    if (!records) walk_.damage->offset = records.error().offset.value_or(view.offset);
    return {};
  }

  const GroupVisitor& visit_;
  JournalWalk walk_;
  std::vector<Hash> leaves_;
  bool is_last_ = false;
  std::uint64_t file_ = 0;  // The one being read, and where.
  std::uint64_t at_ = 0;
};

}  // namespace

Result<JournalFiles> open_journal_files(FileSystem& fs, const FileSystem::Path& ledger_dir,
                                        const std::vector<std::uint64_t>& firsts) {
  JournalFiles files;
  for (const std::uint64_t first : firsts) {
    DAYBOOK_ASSIGN_OR_RETURN(files[first],
                             fs.open(ledger_dir / journal_name(first), OpenMode::read));
  }
  return files;
}

Result<FileHeader> read_file_header(const File& file, std::uint64_t first) {
  Bytes bytes(kFileHeaderBytes);
  DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, file.read_at(0, bytes));
  const auto header = got == bytes.size() ? get_file_header(bytes) : std::nullopt;
  if (!header) return Error{Errc::corrupt, "journal file header damaged", journal_name(first), 0};
  return *header;
}

JournalPosition start_of(const FileHeader& header) {
  return {header.first_index, header.first_group, header.chain, header.previous_file,
          header.previous_end};
}

Result<JournalWalk> walk_journal(const JournalFiles& files, const JournalPosition& start,
                                 const GroupVisitor& visit) {
  Walker walker(visit, start);
  for (const auto& [first, file] : files) {
    if (first < start.file) continue;  // Before the start.
    DAYBOOK_RETURN_IF_ERROR(walker.file(first, *file, first == files.rbegin()->first));
    if (walker.damaged()) break;
  }
  return walker.take();
}

Result<std::uint64_t> last_claimed_entry(const File& file) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t size, file.size());
  ReadWindow window(file, size);
  std::uint64_t end = 0;
  DAYBOOK_RETURN_IF_ERROR(each_header(window, 0, [&end](const GroupHeader& header) {
    end = std::max(end, header.first_index + header.count);
    return true;
  }));
  return end;
}

Status for_each_record(const GroupView& group, const RecordVisitor& visit) {
  std::uint64_t at = 0;
  const std::uint64_t base = group.offset + kGroupHeaderBytes;
  const auto wrong = [&](const char* what) {
    return Error{Errc::corrupt, what, journal_name(group.file), base + at};
  };
  for (std::uint32_t n = 0; n < group.header.count; ++n) {
    const ByteSpan rest = group.payload.subspan(at);
    const auto length = record_length(rest);
    if (!length || *length > rest.size()) return wrong("record length damaged");
    const auto record = get_record(rest.first(*length));
    if (!record) return wrong("record damaged");
    DAYBOOK_RETURN_IF_ERROR(visit(*record, {group.header.first_index + n, base + at}));
    at += *length;
  }
  if (at != group.payload.size()) return wrong("bytes behind the last record of a group");
  return {};
}

}  // namespace daybook::ledger
