// SPDX-License-Identifier: Apache-2.0
#include "stop_mark.h"

#include <string>

#include "daybook/core/diagnostics.h"

namespace daybook::ledger {

void put_stop_mark(FileSystem& fs, const FileSystem::Path& data_dir, std::string_view why) {
  const std::string line = std::string(why) + "\n";
  const auto put = [&]() -> Status {
    DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs.open(data_dir / kStopMarkFile, OpenMode::create));
    DAYBOOK_RETURN_IF_ERROR(file->truncate(0));
    DAYBOOK_RETURN_IF_ERROR(file->write_at(0, as_bytes(line)));
    DAYBOOK_RETURN_IF_ERROR(file->sync());
    return fs.sync_dir(data_dir);
  };
  if (const Status done = put(); !done) {
    diagnose(Severity::error, "ledger", "the stop could not be marked: " + done.error().context);
  }
}

Result<bool> has_stop_mark(FileSystem& fs, const FileSystem::Path& data_dir) {
  return fs.exists(data_dir / kStopMarkFile);
}

Status remove_stop_mark(FileSystem& fs, const FileSystem::Path& data_dir) {
  const Status removed = fs.remove(data_dir / kStopMarkFile);
  if (!removed && removed.error().code == Errc::not_found) return {};
  DAYBOOK_RETURN_IF_ERROR(removed);
  return fs.sync_dir(data_dir);
}

}  // namespace daybook::ledger
