// SPDX-License-Identifier: Apache-2.0
#include "daybook/db/copy_database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "sqlite.h"

namespace daybook::db {
namespace {

constexpr int kBusyMs = 5'000;

// VACUUM INTO takes an empty file; made here, so that nobody else can read it.
Status make_new_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    const int number = errno;
    return Error{number == EEXIST ? Errc::exists : Errc::io,
                 "open: " + std::generic_category().message(number), file.string()};
  }
  ::close(fd);
  return {};
}

Status sync_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int number = errno;
  if (fd >= 0) ::close(fd);
  if (synced) return {};
  return Error{Errc::io, "fsync: " + std::generic_category().message(number), file.string()};
}

}  // namespace

Status copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code ignored;
  if (!std::filesystem::exists(from, ignored)) {
    return Error{Errc::not_found, "no such database", from.string()};
  }
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(from.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const Connection connection(raw);
  if (connection == nullptr) return Error{Errc::exhausted, "sqlite: no memory", from.string()};
  if (status != SQLITE_OK) return last_error(raw, "sqlite open");
  sqlite3_busy_timeout(raw, kBusyMs);
  DAYBOOK_RETURN_IF_ERROR(make_new_file(to));
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(raw, "VACUUM INTO ?1", -1, &prepared, nullptr) != SQLITE_OK) {
    return last_error(raw, "sqlite prepare");
  }
  const Statement statement(prepared);
  const std::string target = to.string();
  if (sqlite3_bind_text(prepared, 1, target.c_str(), static_cast<int>(target.size()), nullptr) !=
          SQLITE_OK ||
      sqlite3_step(prepared) != SQLITE_DONE) {
    return last_error(raw, "sqlite vacuum into");
  }
  return sync_file(to);
}

}  // namespace daybook::db
