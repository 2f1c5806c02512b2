// SPDX-License-Identifier: Apache-2.0
#include "copy_files.h"

#include <algorithm>

namespace daybook::ledger {

Status copy_file(FileSystem& fs, const File& from, const FileSystem::Path& to,
                 std::uint64_t bytes_max) {
  constexpr std::uint64_t kPieceBytes = 1U << 20U;
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs.open(to, OpenMode::create_new));
  Bytes piece(std::min(kPieceBytes, bytes_max));
  for (std::uint64_t at = 0; at < bytes_max;) {
    piece.resize(std::min(kPieceBytes, bytes_max - at));
    DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, from.read_at(at, piece));
    if (got == 0) break;
    DAYBOOK_RETURN_IF_ERROR(file->write_at(at, ByteSpan(piece).first(got)));
    at += got;
  }
  return file->sync();
}

Status expect_empty(FileSystem& fs, const FileSystem::Path& dir,
                    const std::vector<std::string_view>& allowed) {
  const auto names = fs.list(dir);
  if (!names && names.error().code == Errc::not_found) return {};
  if (!names) return names.error();
  const bool empty = std::ranges::all_of(*names, [&](const std::string& name) {
    return std::ranges::find(allowed, name) != allowed.end();
  });
  if (!empty) return Error{Errc::exists, "not empty", dir.string()};
  return {};
}

}  // namespace daybook::ledger
