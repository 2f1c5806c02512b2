// SPDX-License-Identifier: Apache-2.0
#include "checkpoint_file.h"

#include <algorithm>
#include <mutex>

#include "daybook/core/check.h"
#include "daybook/core/crash_point.h"
#include "daybook/crypto/note.h"

#include "ledger_files.h"
#include "read_window.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kFileMagic = "DBKcheck";
constexpr std::string_view kFrameMagic = "DBKc";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHeadBytes = 16;
constexpr std::size_t kFrameHeadBytes = 80;
constexpr std::size_t kCrcBytes = 4;
constexpr std::uint32_t kNoteBytesMax = 64U << 10U;

// The frame at the front of `bytes` with its whole length; nullopt unless it is whole and sound.
struct DecodedFrame {
  CheckpointFrame frame;
  std::uint64_t bytes = 0;
};
std::optional<DecodedFrame> get_frame(ByteSpan bytes) {
  if (bytes.size() < kFrameHeadBytes || !as_text(bytes).starts_with(kFrameMagic)) {
    return std::nullopt;
  }
  const std::uint32_t note_bytes = get_u32_le(&bytes[4]);
  const std::uint64_t summed = kFrameHeadBytes + std::uint64_t{note_bytes};
  if (note_bytes > kNoteBytesMax || bytes.size() < summed + kCrcBytes ||
      get_u32_le(&bytes[summed]) != crc32c(bytes.first(summed))) {
    return std::nullopt;
  }
  DecodedFrame decoded;
  decoded.bytes = summed + kCrcBytes;
  decoded.frame.number = get_u64_le(&bytes[8]);
  decoded.frame.journal.entries = get_u64_le(&bytes[16]);
  decoded.frame.journal.groups = get_u64_le(&bytes[24]);
  decoded.frame.journal.file = get_u64_le(&bytes[32]);
  decoded.frame.journal.end = get_u64_le(&bytes[40]);
  decoded.frame.journal.chain = get_bytes<32>(bytes, 48);
  decoded.frame.note = as_text(bytes.subspan(kFrameHeadBytes, note_bytes));
  return decoded;
}

Result<bool> later_frame_exists(ReadWindow& window, std::uint64_t from) {
  while (from < window.limit()) {
    DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan piece, window.view(from, 2 * kNoteBytesMax));
    const std::size_t at = as_text(piece).find(kFrameMagic);
    if (at == std::string_view::npos) {
      if (piece.size() < kFrameMagic.size()) return false;
      from += piece.size() - kFrameMagic.size() + 1;
      continue;
    }
    DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan frame, window.view(from + at, 2 * kNoteBytesMax));
    if (get_frame(frame)) return true;
    from += at + 1;
  }
  return false;
}

Result<Checkpoint> checkpoint_of(const CheckpointFrame& frame) {
  DAYBOOK_ASSIGN_OR_RETURN(const crypto::Note note, crypto::parse_note(frame.note));
  DAYBOOK_ASSIGN_OR_RETURN(Checkpoint checkpoint, parse_checkpoint_text(note.text));
  if (checkpoint.size.value() != frame.journal.entries) {
    return Error{Errc::corrupt, "checkpoint frame and note name different sizes"};
  }
  return checkpoint;
}

}  // namespace

Bytes checkpoints_head() {
  Bytes out;
  put_bytes(out, as_bytes(kFileMagic));
  put_u16_le(out, kVersion);
  put_u16_le(out, 0);
  put_u32_le(out, crc32c(out));
  DAYBOOK_CHECK(out.size() == kHeadBytes);
  return out;
}

void put_frame(Bytes& out, const CheckpointFrame& frame) {
  DAYBOOK_CHECK(frame.note.size() <= kNoteBytesMax);
  const std::size_t start = out.size();
  put_bytes(out, as_bytes(kFrameMagic));
  put_u32_le(out, static_cast<std::uint32_t>(frame.note.size()));
  put_u64_le(out, frame.number);
  put_u64_le(out, frame.journal.entries);
  put_u64_le(out, frame.journal.groups);
  put_u64_le(out, frame.journal.file);
  put_u64_le(out, frame.journal.end);
  put_bytes(out, frame.journal.chain);
  put_bytes(out, as_bytes(frame.note));
  put_u32_le(out, crc32c(ByteSpan(out).subspan(start)));
}

Result<CheckpointsWalk> walk_checkpoints(const File& file, const FrameVisitor& visit) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t size, file.size());
  ReadWindow window(file, size);
  CheckpointsWalk walk;
  DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan head, window.view(0, kHeadBytes));
  if (!std::ranges::equal(head, checkpoints_head())) {
    walk.tail_bytes = size;
    walk.damage = CheckpointsDamage{0, "head of the checkpoints damaged", true};
    return walk;
  }
  walk.end = kHeadBytes;
  std::optional<std::uint64_t> last_size;
  while (walk.end < size) {
    DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan bytes, window.view(walk.end, 2 * kNoteBytesMax));
    const auto decoded = get_frame(bytes);
    walk.tail_bytes = size - walk.end;
    if (!decoded) {
      DAYBOOK_ASSIGN_OR_RETURN(const bool later, later_frame_exists(window, walk.end + 1));
      walk.damage = CheckpointsDamage{walk.end, "checkpoint damaged or cut", later};
      return walk;
    }
    const auto checkpoint = checkpoint_of(decoded->frame);
    if (!checkpoint || decoded->frame.number != walk.count ||
        (last_size && checkpoint->size.value() <= *last_size)) {
      walk.damage = CheckpointsDamage{walk.end, "checkpoint does not follow the one before", true};
      return walk;
    }
    DAYBOOK_RETURN_IF_ERROR(visit(decoded->frame, *checkpoint, walk.end));
    last_size = checkpoint->size.value();
    walk.count += 1;
    walk.end += decoded->bytes;
  }
  walk.tail_bytes = 0;
  return walk;
}

CheckpointStore::CheckpointStore(std::unique_ptr<File> file, std::uint64_t end)
    : file_(std::move(file)), end_(end) {}

void CheckpointStore::add_loaded(std::uint64_t size, std::uint64_t offset) {
  const std::unique_lock lock(mutex_);
  known_.push_back({size, offset});
}

Status CheckpointStore::finish_loading() {
  const std::unique_lock lock(mutex_);
  if (known_.empty()) {
    return Error{Errc::corrupt, "no checkpoint at all",
                 std::string(kLedgerDir) + "/" + std::string(kCheckpointsFile)};
  }
  DAYBOOK_ASSIGN_OR_RETURN(const Loaded last, read(known_.back()));
  latest_ = {last.checkpoint.size, last.checkpoint.root, last.frame.note};
  return {};
}

Status CheckpointStore::append(const JournalPosition& journal, const Hash& root,
                               const std::string& note) {
  Bytes bytes;
  // Only this thread changes known_, so it may read it without the lock.
  put_frame(bytes, {known_.size(), journal, note});
  crash_point("checkpoint.signed");
  if (const Status written = file_->write_at(end_, bytes); !written) {
    if (written.error().code != Errc::exhausted) return written;
    if (const Status undone = file_->truncate(end_); !undone) {
      return Error{Errc::io, "a full disk left a torn checkpoint: " + undone.error().context};
    }
    return written;
  }
  crash_point("checkpoint.written");
  if (Status synced = file_->sync(); !synced) {
    // Never retried, whatever the code: the kernel tells of a lost write once.
    return Error{Errc::io, synced.error().context, synced.error().path};
  }
  crash_point("checkpoint.synced");
  const std::unique_lock lock(mutex_);
  known_.push_back({journal.entries, end_});
  latest_ = PublishedCheckpoint{TreeSize(journal.entries), root, note};
  end_ += bytes.size();
  return {};
}

Result<CheckpointStore::Loaded> CheckpointStore::read(const Known& known) const {
  // Notes with one signature fit the first read.
  for (const std::size_t length :
       {std::size_t{1024}, kFrameHeadBytes + kNoteBytesMax + kCrcBytes}) {
    Bytes bytes(length);
    DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, file_->read_at(known.offset, bytes));
    auto decoded = get_frame(ByteSpan(bytes).first(got));
    if (!decoded) continue;
    auto checkpoint = checkpoint_of(decoded->frame);
    if (!checkpoint || checkpoint->size.value() != known.size) break;
    return Loaded{std::move(decoded->frame), *std::move(checkpoint), known.offset};
  }
  return Error{Errc::corrupt, "checkpoint damaged",
               std::string(kLedgerDir) + "/" + std::string(kCheckpointsFile), known.offset};
}

std::size_t CheckpointStore::count() const {
  const std::shared_lock lock(mutex_);
  return known_.size();
}

std::uint64_t CheckpointStore::size_of(std::size_t number) const {
  const std::shared_lock lock(mutex_);
  return known_.at(number).size;
}

Result<CheckpointStore::Loaded> CheckpointStore::load(std::size_t number) const {
  Known known{};
  {
    const std::shared_lock lock(mutex_);
    known = known_.at(number);
  }
  return read(known);
}

PublishedCheckpoint CheckpointStore::latest() const {
  const std::shared_lock lock(mutex_);
  return latest_;
}

Result<PublishedCheckpoint> CheckpointStore::at(std::uint64_t size) const {
  Known known{};
  {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::lower_bound(known_, size, {}, &Known::size);
    if (found == known_.end() || found->size != size) {
      return Error{Errc::not_found, "no checkpoint of that size was published"};
    }
    known = *found;
  }
  DAYBOOK_ASSIGN_OR_RETURN(const Loaded loaded, read(known));
  return PublishedCheckpoint{loaded.checkpoint.size, loaded.checkpoint.root, loaded.frame.note};
}

bool CheckpointStore::any_between(std::uint64_t low, std::uint64_t high) const {
  const std::shared_lock lock(mutex_);
  const auto found = std::ranges::lower_bound(known_, low, {}, &Known::size);
  return found != known_.end() && found->size < high;
}

}  // namespace daybook::ledger
