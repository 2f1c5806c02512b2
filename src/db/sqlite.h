// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "daybook/core/result.h"

namespace daybook::db {

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

// The last failure of `connection` as an Error. SQLite's texts name tables and columns, never
// values.
[[nodiscard]] Error last_error(sqlite3* connection, const char* call);

// Opens or makes the file (mode 0600, which SQLite copies to its -wal and -shm files) and sets what
// Database promises.
Result<Connection> open_connection(const std::string& file);

// Runs one or more statements without parameters or rows.
Status execute(sqlite3* connection, const std::string& sql);

}  // namespace daybook::db
