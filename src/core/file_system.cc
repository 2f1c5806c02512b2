// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/file_system.h"

namespace daybook {

Result<Bytes> read_file(FileSystem& fs, const FileSystem::Path& path, std::uint64_t bytes_max) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs.open(path, OpenMode::read));
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
  if (size > bytes_max) return Error{Errc::exhausted, "file is larger than allowed", path.string()};
  Bytes bytes(size);
  DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, file->read_at(0, bytes));
  bytes.resize(got);
  return bytes;
}

Status write_file_atomic(FileSystem& fs, const FileSystem::Path& path, ByteSpan bytes) {
  FileSystem::Path temporary = path;
  temporary += ".tmp";
  DAYBOOK_ASSIGN_OR_RETURN(auto file, fs.open(temporary, OpenMode::create));
  DAYBOOK_RETURN_IF_ERROR(file->truncate(0));  // Left over from an earlier crash.
  DAYBOOK_RETURN_IF_ERROR(file->write_at(0, bytes));
  DAYBOOK_RETURN_IF_ERROR(file->sync());
  file.reset();
  DAYBOOK_RETURN_IF_ERROR(fs.rename(temporary, path));
  const FileSystem::Path dir = path.parent_path();
  return fs.sync_dir(dir.empty() ? FileSystem::Path(".") : dir);
}

}  // namespace daybook
