// SPDX-License-Identifier: Apache-2.0
#include "eraser.h"

#include <algorithm>

#include "ledger_files.h"
#include "segment_writer.h"

namespace daybook::ledger {

namespace {

bool has_part(const StoredEntry& entry, std::size_t kind) {
  return !entry.parts.bytes[kind].empty();
}

// The entry as it will lie in the new segment. An absent part holds nothing to be erased.
SegmentEntry without_parts(const StoredEntry& entry, const Hash& leaf, std::uint8_t parts) {
  SegmentEntry left;
  left.leaf = leaf;
  left.erased = entry.erased;
  left.commitments = entry.commitments;
  for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
    if (((parts >> kind) & 1U) != 0 && has_part(entry, kind)) {
      left.erased = static_cast<std::uint8_t>(left.erased | (1U << kind));
    }
  }
  left.seed = left.erased == 0 ? entry.seed : record::Seed{};
  for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
    if (((left.erased >> kind) & 1U) != 0) continue;
    left.parts[kind] = entry.parts.bytes[kind];
    if (left.erased != 0) left.salts[kind] = entry.salt(static_cast<record::Part>(kind + 1));
  }
  return left;
}

}  // namespace

Eraser::Eraser(FileSystem& fs, const FileSystem::Path& data_dir, Store& store,
               const WithoutWriter& without_writer)
    : fs_(fs),
      data_dir_(data_dir),
      dir_(data_dir / kLedgerDir),
      temporary_(data_dir / kSegmentTemporary),
      store_(store),
      without_writer_(without_writer) {}

Status Eraser::erase(const std::vector<Erasure>& erasures, const std::function<bool()>& stopping) {
  const Error stopped{Errc::cancelled, "the ledger is closing; erasing goes on when it opens"};
  // A crash while sealing may have left one with the bytes in question.
  if (const Status removed = fs_.remove(temporary_);
      !removed && removed.error().code != Errc::not_found) {
    return removed;
  }
  const std::uint64_t entries = store_.segment_entries();
  const std::uint64_t sealed = store_.segments() * entries;
  std::map<std::uint64_t, Parts> by_segment;
  for (const Erasure& erasure : erasures) {
    const std::uint64_t index = erasure.index.value();
    if (index < sealed) by_segment[index / entries][index] = erasure.parts;
  }
  for (const auto& [number, parts] : by_segment) {
    if (stopping()) return stopped;
    DAYBOOK_RETURN_IF_ERROR(erase_in_segment(number, parts));
  }
  // Files of the journal may hold entries that a segment holds as well.
  const auto files = store_.files();
  for (std::size_t n = 0; n < files.size(); ++n) {
    const std::uint64_t end = n + 1 < files.size() ? files[n + 1] : ~std::uint64_t{0};
    if (stopping()) return stopped;
    Parts parts;
    for (const Erasure& erasure : erasures) {
      const std::uint64_t index = erasure.index.value();
      if (index >= files[n] && index < end) parts[index] = erasure.parts;
    }
    if (!parts.empty()) DAYBOOK_RETURN_IF_ERROR(erase_in_file(files[n], parts));
  }
  return {};
}

Status Eraser::put_in_place(const std::string& name) {
  DAYBOOK_RETURN_IF_ERROR(fs_.rename(temporary_, dir_ / name));
  DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(dir_));
  return fs_.sync_dir(data_dir_);
}

Status Eraser::erase_in_segment(std::size_t number, const Parts& parts) {
  const auto segment = store_.segment(number);
  DAYBOOK_RETURN_IF_ERROR(write_segment_without(*segment, parts));
  DAYBOOK_ASSIGN_OR_RETURN(const auto written, Segment::open(fs_, temporary_));
  DAYBOOK_RETURN_IF_ERROR(check_segment(*written, {}));
  if (written->root() != segment->root() || written->first_index() != segment->first_index()) {
    return Error{Errc::corrupt, "the segment read back is not the one written",
                 temporary_.string()};
  }
  const std::string name = segment_name(segment->first_index());
  DAYBOOK_RETURN_IF_ERROR(put_in_place(name));
  DAYBOOK_ASSIGN_OR_RETURN(auto opened, Segment::open(fs_, dir_ / name));
  store_.replace(number, std::move(opened));
  return {};
}

Status Eraser::write_segment_without(const Segment& segment, const Parts& parts) {
  std::vector<IdKey> keys(segment.entries());
  DAYBOOK_ASSIGN_OR_RETURN(const auto names, segment.names());
  for (const NameSlot& slot : names) {
    // Of names that stay in the event only the prefix is written.
    for (unsigned byte = 0; byte < 4; ++byte) {
      keys[slot.position][byte] = static_cast<std::uint8_t>(slot.prefix >> (24 - 8 * byte));
    }
  }
  const SegmentSource source = [&](const EntryVisitor& visit) {
    const auto each = [&](const StoredEntry& entry, const Hash& leaf) -> Result<bool> {
      const auto position = static_cast<std::uint32_t>(entry.index.value() - segment.first_index());
      const auto found = parts.find(entry.index.value());
      SegmentEntry left =
          without_parts(entry, leaf, found == parts.end() ? std::uint8_t{0} : found->second);
      left.key = keys[position];
      if (left.erased != 0) {
        DAYBOOK_ASSIGN_OR_RETURN(left.key, segment.key_of(entry));
      } else {
        DAYBOOK_ASSIGN_OR_RETURN(left.tag, segment.tag(position));
      }
      DAYBOOK_RETURN_IF_ERROR(visit(left));
      return true;
    };
    return segment.scan(0, segment.entries(), each);
  };
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs_.open(temporary_, OpenMode::create));
  DAYBOOK_RETURN_IF_ERROR(file->truncate(0));
  return write_segment(*file, {segment.entries(), segment.first_index()}, source, {});
}

Status Eraser::erase_in_file(std::uint64_t first, const Parts& parts) {
  const auto replace = [&]() -> Status {
    DAYBOOK_RETURN_IF_ERROR(write_file_without(first, parts));
    DAYBOOK_RETURN_IF_ERROR(put_in_place(journal_name(first)));
    store_.drop_handle(first);
    return {};
  };
  // The last file may get a group at any time.
  return first == store_.closed_end() ? without_writer_(replace) : replace();
}

// Records keep their length, and the chain is over leaves: all offsets and positions stay.
Status Eraser::write_file_without(std::uint64_t first, const Parts& parts) {
  DAYBOOK_ASSIGN_OR_RETURN(const JournalFiles files, open_journal_files(fs_, dir_, {first}));
  const File& old = *files.begin()->second;
  DAYBOOK_ASSIGN_OR_RETURN(const FileHeader header, read_file_header(old, first));
  Bytes front;
  put_file_header(front, header);
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs_.open(temporary_, OpenMode::create));
  DAYBOOK_RETURN_IF_ERROR(file->truncate(0));
  DAYBOOK_RETURN_IF_ERROR(file->write_at(0, front));
  const auto copy = [&](const GroupView& group) -> Status {
    Bytes payload(group.payload.begin(), group.payload.end());
    const auto each = [&](const RecordView& record, const RecordPlace& place) -> Status {
      const auto found = parts.find(place.index);
      if (found == parts.end()) return {};
      std::uint8_t present = 0;
      std::uint64_t length = kRecordHeadBytes;
      for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
        length += record.lengths[kind];
        if (!record.parts[kind].empty()) present = static_cast<std::uint8_t>(present | 1U << kind);
      }
      const auto gone = static_cast<std::uint8_t>(found->second & present);
      const std::uint64_t at = place.offset - group.offset - kGroupHeaderBytes;
      if (gone != 0 && !erase_parts(std::span(payload).subspan(at, length), gone)) {
        return Error{Errc::corrupt, "record damaged", journal_name(first), place.offset};
      }
      return {};
    };
    DAYBOOK_RETURN_IF_ERROR(for_each_record(group, each));
    GroupHeader changed = group.header;
    changed.payload_crc = crc32c(payload);
    DAYBOOK_RETURN_IF_ERROR(file->write_at(group.offset, encode_group_header(changed)));
    return file->write_at(group.offset + kGroupHeaderBytes, payload);
  };
  DAYBOOK_ASSIGN_OR_RETURN(const JournalWalk walk, walk_journal(files, start_of(header), copy));
  if (walk.damage) {
    return Error{Errc::corrupt, walk.damage->what, walk.damage->file, walk.damage->offset};
  }
  return file->sync();
}

}  // namespace daybook::ledger
