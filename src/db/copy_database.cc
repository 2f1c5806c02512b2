// SPDX-License-Identifier: Apache-2.0
#include "daybook/db/copy_database.h"

#include <memory>
#include <string>
#include <system_error>

#include "daybook/core/file_system.h"

#include "sqlite.h"

namespace daybook::db {
namespace {
constexpr int kBusyMs = 5'000;
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
  // VACUUM INTO takes an empty file; made here, so that nobody else can read it.
  DAYBOOK_ASSIGN_OR_RETURN(const auto copy, posix_file_system().open(to, OpenMode::create_new));
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
  return copy->sync();
}

}  // namespace daybook::db
