// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/spool.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/diagnostics.h"
#include "daybook/record/parts.h"

namespace daybook::capture {
namespace {

constexpr std::size_t kHeadBytes = 8;  // Length and checksum, little-endian.
// No event of the gateway comes near it; a length above it is damage.
constexpr std::uint32_t kRecordMax = 64U << 20U;

void append_record(Bytes& out, record::Event event) {
  event.detail["late"] = true;
  const record::Parts parts = record::encode(event);
  Bytes body;
  for (const std::string& part : parts.bytes) {
    put_u32_le(body, static_cast<std::uint32_t>(part.size()));
    body.insert(body.end(), part.begin(), part.end());
  }
  put_u32_le(out, static_cast<std::uint32_t>(body.size()));
  put_u32_le(out, crc32c(body));
  out.insert(out.end(), body.begin(), body.end());
}

Result<record::Event> parse_record(ByteSpan body) {
  record::Parts parts;
  for (std::string& part : parts.bytes) {
    if (body.size() < 4) {
      return Error{Errc::corrupt, "spool: record too short"};
    }
    const std::uint32_t size = get_u32_le(body.data());
    body = body.subspan(4);
    if (size > body.size()) {
      return Error{Errc::corrupt, "spool: part too long"};
    }
    part = as_text(body.first(size));
    body = body.subspan(size);
  }
  return record::decode(parts);
}

}  // namespace

Spool::Spool(std::unique_ptr<File> file, std::uint64_t bytes_max)
    : file_(std::move(file)), bytes_max_(bytes_max) {}

Result<std::unique_ptr<Spool>> Spool::open(FileSystem& files, Options options) {
  DAYBOOK_RETURN_IF_ERROR(files.make_dir(options.folder));
  DAYBOOK_ASSIGN_OR_RETURN(auto file, files.open(options.folder / "spool", OpenMode::create));
  auto spool = std::unique_ptr<Spool>(new Spool(std::move(file), options.bytes_max));
  DAYBOOK_RETURN_IF_ERROR(spool->take_over());
  return spool;
}

Status Spool::take_over() {
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t size, file_->size());
  while (end_ + kHeadBytes <= size) {
    Bytes head(kHeadBytes);
    DAYBOOK_RETURN_IF_ERROR(file_->read_at(end_, head));
    const std::uint32_t length = get_u32_le(head.data());
    if (length > kRecordMax || end_ + kHeadBytes + length > size) {
      break;
    }
    Bytes body(length);
    DAYBOOK_RETURN_IF_ERROR(file_->read_at(end_ + kHeadBytes, body));
    if (crc32c(body) != get_u32_le(head.data() + 4) || !parse_record(body)) {
      break;
    }
    slots_.push_back({end_, length});
    end_ += kHeadBytes + length;
  }
  return end_ < size ? file_->truncate(end_) : Status();
}

Status Spool::add(const std::vector<record::Event>& events) {
  Bytes bytes;
  std::vector<Slot> slots;
  for (const record::Event& event : events) {
    const std::size_t before = bytes.size();
    append_record(bytes, event);
    slots.push_back({before, static_cast<std::uint32_t>(bytes.size() - before - kHeadBytes)});
  }
  const std::lock_guard lock(mutex_);
  if (bytes.size() > bytes_max_ - std::min(bytes_max_, end_)) {
    return Error{Errc::exhausted, "the spool is full"};
  }
  const Status written = file_->write_at(end_, bytes);
  if (!written) {
    // Whatever of it is there is behind the end, and cut or overwritten.
    return written;
  }
  for (Slot& slot : slots) {
    slot.offset += end_;
  }
  slots_.insert(slots_.end(), slots.begin(), slots.end());
  end_ += bytes.size();
  return {};
}

Result<record::Event> Spool::read(const Slot& slot) const {
  Bytes body(slot.size);
  DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, file_->read_at(slot.offset + kHeadBytes, body));
  return got == body.size() ? parse_record(body)
                            : Result<record::Event>(Error{Errc::corrupt, "spool: cut short"});
}

std::vector<record::Event> Spool::front(std::size_t count_max) const {
  const std::lock_guard lock(mutex_);
  std::vector<record::Event> events;
  const std::size_t last = std::min(slots_.size(), first_ + count_max);
  for (std::size_t i = first_; i < last; ++i) {
    auto event = read(slots_[i]);
    if (!event) {
      diagnose(Severity::error, "capture", event.error().context);
      break;
    }
    events.push_back(*std::move(event));
  }
  return events;
}

void Spool::drop(std::size_t count) {
  const std::lock_guard lock(mutex_);
  first_ = std::min(slots_.size(), first_ + count);
  if (first_ < slots_.size()) {
    return;
  }
  // Nothing waits any more. A file that cannot be cut is handed over again by the next process.
  if (const Status cut = file_->truncate(0); !cut) {
    diagnose(Severity::warn, "capture", "spool: " + cut.error().context);
    return;
  }
  slots_.clear();
  first_ = 0;
  end_ = 0;
}

bool Spool::empty() const {
  const std::lock_guard lock(mutex_);
  return first_ == slots_.size();
}

}  // namespace daybook::capture
