// SPDX-License-Identifier: Apache-2.0
#include "space_reserve.h"

#include <algorithm>

#include "daybook/core/diagnostics.h"

namespace daybook::ledger {

namespace {
constexpr std::string_view kReserveFile = "ledger.reserve";
}  // namespace

SpaceReserve::SpaceReserve(FileSystem& fs, FileSystem::Path data_dir, std::uint64_t bytes)
    : fs_(fs), data_dir_(std::move(data_dir)), bytes_(bytes) {}

bool SpaceReserve::is_whole() const {
  const auto file = fs_.open(data_dir_ / kReserveFile, OpenMode::read);
  if (!file) return false;
  const auto size = (*file)->size();
  return size && *size == bytes_;
}

Status SpaceReserve::hold() {
  if (!enabled() || is_whole()) return {};
  const FileSystem::Path path = data_dir_ / kReserveFile;
  Status filled = fill(path);
  if (!filled) static_cast<void>(fs_.remove(path));
  return filled;
}

// Written, not only made that long: a hole holds no space.
Status SpaceReserve::fill(const FileSystem::Path& path) {
  constexpr std::uint64_t kPieceBytes = 1U << 20U;
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs_.open(path, OpenMode::create));
  const Bytes piece(std::min(kPieceBytes, bytes_));
  for (std::uint64_t at = 0; at < bytes_; at += kPieceBytes) {
    const std::uint64_t count = std::min(kPieceBytes, bytes_ - at);
    DAYBOOK_RETURN_IF_ERROR(file->write_at(at, ByteSpan(piece).first(count)));
  }
  return file->sync();
}

void SpaceReserve::release() {
  if (!enabled()) return;
  const Status removed = fs_.remove(data_dir_ / kReserveFile);
  if (!removed && removed.error().code != Errc::not_found) {
    diagnose(Severity::error, "ledger", "the reserve: " + removed.error().context);
  }
}

}  // namespace daybook::ledger
