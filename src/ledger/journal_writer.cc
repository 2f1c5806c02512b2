// SPDX-License-Identifier: Apache-2.0
#include "journal_writer.h"

#include <algorithm>

#include "daybook/core/check.h"
#include "daybook/core/crash_point.h"

#include "ledger_files.h"

namespace daybook::ledger {

namespace {

// An error after which writing must stop, whatever the operating system called it.
Error fatal(const Error& error) {
  return Error{Errc::io, error.context, error.path, error.offset};
}

void copy_to_front(Bytes& bytes, std::size_t at, ByteSpan header) {
  std::copy(header.begin(), header.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

JournalWriter::JournalWriter(FileSystem& fs, FileSystem::Path ledger_dir,
                             const JournalPosition& position, std::uint64_t segment_entries)
    : fs_(fs),
      dir_(std::move(ledger_dir)),
      position_(position),
      segment_entries_(segment_entries) {}

Status JournalWriter::append(Bytes& bytes, std::span<const Hash> leaves) {
  const auto count = static_cast<std::uint32_t>(leaves.size());
  DAYBOOK_CHECK(count > 0 && bytes.size() > kGroupFrontBytes);
  const ByteSpan payload = ByteSpan(bytes).subspan(kGroupFrontBytes);
  DAYBOOK_CHECK(payload.size() <= kPayloadBytesMax);

  const auto segment_of = [this](std::uint64_t index) { return index / segment_entries_; };
  const bool new_file = position_.end == 0 ||
                        segment_of(position_.entries) != segment_of(position_.file) ||
                        segment_of(position_.entries + count - 1) != segment_of(position_.file);
  const std::uint64_t file = new_file ? position_.entries : position_.file;
  const std::uint64_t header_offset = new_file ? kFileHeaderBytes : position_.end;

  GroupHeader header;
  header.count = count;
  header.number = position_.groups;
  header.first_index = position_.entries;
  header.previous_end = header_offset;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.payload_crc = crc32c(payload);
  header.chain = position_.chain;
  const GroupHeaderBytes encoded = encode_group_header(header);
  const Hash chain = chain_hash(header, leaves);
  copy_to_front(bytes, kFileHeaderBytes, encoded);
  if (new_file) {
    Bytes front;
    put_file_header(front, {position_.entries, position_.groups, position_.file, position_.end,
                            position_.chain});
    copy_to_front(bytes, 0, front);
    file_.reset();
  }

  const ByteSpan written = ByteSpan(bytes).subspan(new_file ? 0 : kFileHeaderBytes);
  DAYBOOK_RETURN_IF_ERROR(
      write_group(dir_ / journal_name(file), written, new_file ? 0 : position_.end));
  position_ = JournalPosition{position_.entries + count, position_.groups + 1, chain, file,
                              header_offset + kGroupHeaderBytes + payload.size()};
  payload_offset_ = header_offset + kGroupHeaderBytes;
  return {};
}

Status JournalWriter::write_group(const FileSystem::Path& path, ByteSpan bytes,
                                  std::uint64_t offset) {
  if (!file_) {
    auto opened = fs_.open(path, offset == 0 ? OpenMode::create_new : OpenMode::write);
    if (!opened && opened.error().code == Errc::io) {  // Nothing written: out of handles, say.
      return Error{Errc::unavailable, opened.error().context, opened.error().path};
    }
    if (!opened) return std::move(opened).error();
    file_ = *std::move(opened);
  }
  crash_point("append.opened");
  if (const Status written = file_->write_at(offset, bytes); !written) {
    if (written.error().code != Errc::exhausted) return written;
    if (const Status undone = undo(path, offset); !undone) return fatal(undone.error());
    return written;
  }
  crash_point("append.written");
  if (const Status synced = file_->sync(); !synced) return fatal(synced.error());
  crash_point("append.synced");
  if (offset == 0) {
    crash_point("append.unnamed");
    if (const Status named = fs_.sync_dir(dir_); !named) return fatal(named.error());
  }
  return {};
}

// Takes a partly written group back, so that the space is free and nothing torn lies behind the
// end.
Status JournalWriter::undo(const FileSystem::Path& path, std::uint64_t offset) {
  if (offset != 0) return file_->truncate(offset);
  file_.reset();
  DAYBOOK_RETURN_IF_ERROR(fs_.remove(path));
  return fs_.sync_dir(dir_);
}

}  // namespace daybook::ledger
