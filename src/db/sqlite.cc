// SPDX-License-Identifier: Apache-2.0
#include "sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace daybook::db {
namespace {

// How long a statement waits for another process (the command line beside a server) to finish.
constexpr int kBusyMs = 5'000;

Status make_private_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    const int number = errno;
    const Errc code = number == ENOSPC || number == EDQUOT ? Errc::exhausted : Errc::io;
    return Error{code, "open: " + std::generic_category().message(number), file};
  }
  ::close(fd);
  return {};
}

}  // namespace

Error last_error(sqlite3* connection, const char* call) {
  Errc code = Errc::io;
  switch (sqlite3_errcode(connection)) {
    case SQLITE_CONSTRAINT:
      code = Errc::exists;
      break;
    case SQLITE_FULL:
      code = Errc::exhausted;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      code = Errc::unavailable;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      code = Errc::corrupt;
      break;
    default:
      break;
  }
  return Error{code, std::string(call) + ": " + sqlite3_errmsg(connection)};
}

Result<Connection> open_connection(const std::string& file) {
  DAYBOOK_RETURN_IF_ERROR(make_private_file(file));
  sqlite3* raw = nullptr;
  // Database has a mutex of its own.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  const int status = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Connection connection(raw);
  if (connection == nullptr) return Error{Errc::exhausted, "sqlite: no memory", file};
  if (status != SQLITE_OK) return last_error(raw, "sqlite open");
  sqlite3_busy_timeout(raw, kBusyMs);
  DAYBOOK_RETURN_IF_ERROR(
      execute(raw,
              "PRAGMA journal_mode=WAL;"
              "PRAGMA synchronous=FULL;"
              "PRAGMA foreign_keys=ON;"
              // What was deleted (a password hash, a token hash) is overwritten.
              "PRAGMA secure_delete=ON;"
              "PRAGMA trusted_schema=OFF;"));
  return connection;
}

Status execute(sqlite3* connection, const std::string& sql) {
  if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return last_error(connection, "sqlite");
  }
  return {};
}

}  // namespace daybook::db
