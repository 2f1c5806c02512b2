// SPDX-License-Identifier: Apache-2.0
#include "daybook/db/database.h"

#include <map>
#include <mutex>

#include "daybook/core/check.h"

#include "sqlite.h"

namespace daybook::db {
namespace {

sqlite3_stmt* as_statement(void* statement) {
  return static_cast<sqlite3_stmt*>(statement);
}

std::string column_text(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

}  // namespace

std::int64_t Row::integer(int column) const {
  return sqlite3_column_int64(as_statement(statement_), column);
}

std::string Row::text(int column) const {
  return column_text(as_statement(statement_), column);
}

std::optional<std::string> Row::optional_text(int column) const {
  sqlite3_stmt* statement = as_statement(statement_);
  if (sqlite3_column_type(statement, column) == SQLITE_NULL) return std::nullopt;
  return column_text(statement, column);
}

Value::Value(const std::optional<std::string>& text) : kind_(text ? Kind::text : Kind::null) {
  if (text) text_ = *text;
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(Connection connection) : connection_(std::move(connection)) {}

  Status migrate(const std::vector<std::string>& migrations) {
    std::int64_t done = 0;
    DAYBOOK_RETURN_IF_ERROR(
        query("PRAGMA user_version", {}, [&](const Row& row) { done = row.integer(0); }));
    if (done < 0 || static_cast<std::uint64_t>(done) > migrations.size()) {
      return Error{Errc::unsupported, "state.db was written by a newer daybook"};
    }
    for (auto i = static_cast<std::size_t>(done); i < migrations.size(); ++i) {
      const auto step = [&]() -> Status {
        // Another process may have done it since user_version was read.
        std::int64_t now = 0;
        DAYBOOK_RETURN_IF_ERROR(
            query("PRAGMA user_version", {}, [&](const Row& row) { now = row.integer(0); }));
        if (static_cast<std::uint64_t>(now) > i) return {};
        DAYBOOK_RETURN_IF_ERROR(execute(connection_.get(), migrations[i]));
        return execute(connection_.get(), "PRAGMA user_version=" + std::to_string(i + 1));
      };
      DAYBOOK_RETURN_IF_ERROR(transaction(step));
    }
    return {};
  }

  Status run(std::string_view sql, const std::vector<Value>& values) override {
    return query(sql, values, [](const Row&) {});
  }

  Status query(std::string_view sql, const std::vector<Value>& values,
               const std::function<void(const Row&)>& row) override {
    const std::lock_guard lock(mutex_);
    DAYBOOK_ASSIGN_OR_RETURN(Statement statement, prepare(sql, values));
    const Status stepped = step(statement.get(), row);
    keep(sql, std::move(statement));
    return stepped;
  }

  std::uint64_t changes() override {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint64_t>(sqlite3_total_changes64(connection_.get()));
  }

  Status transaction(const std::function<Status()>& body) override {
    const std::lock_guard lock(mutex_);
    // IMMEDIATE: waits for a writing process here, where waiting is possible, not halfway.
    if (depth_ > 0) return Error{Errc::unsupported, "a transaction inside a transaction"};
    DAYBOOK_RETURN_IF_ERROR(execute(connection_.get(), "BEGIN IMMEDIATE"));
    ++depth_;
    Status result = body();
    --depth_;
    if (result) result = execute(connection_.get(), "COMMIT");
    if (!result && sqlite3_get_autocommit(connection_.get()) == 0) {
      const Status undone = execute(connection_.get(), "ROLLBACK");
      DAYBOOK_CHECK(undone.has_value());
    }
    return result;
  }

 private:
  static constexpr std::size_t kStatementsMax = 64;  // Kept prepared.

  Status step(sqlite3_stmt* statement, const std::function<void(const Row&)>& row) {
    while (true) {
      const int status = sqlite3_step(statement);
      if (status == SQLITE_DONE) return {};
      if (status != SQLITE_ROW) return last_error(connection_.get(), "sqlite step");
      row(Row(statement));
    }
  }

  // Taken out while it runs: the receiver of a row may run the same text again.
  Result<Statement> take(std::string_view sql) {
    if (const auto kept = prepared_.find(sql); kept != prepared_.end()) {
      Statement statement = std::move(kept->second);
      prepared_.erase(kept);
      return statement;
    }
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    if (sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &raw,
                           &tail) != SQLITE_OK) {
      return last_error(connection_.get(), "sqlite prepare");
    }
    Statement statement(raw);
    if (statement == nullptr || tail != sql.data() + sql.size()) {
      return Error{Errc::invalid, "one statement a call"};
    }
    return statement;
  }

  // Without its values, which may be secret.
  void keep(std::string_view sql, Statement statement) {
    sqlite3_reset(statement.get());
    sqlite3_clear_bindings(statement.get());
    if (prepared_.size() < kStatementsMax) prepared_.emplace(sql, std::move(statement));
  }

  Result<Statement> prepare(std::string_view sql, const std::vector<Value>& values) {
    DAYBOOK_ASSIGN_OR_RETURN(Statement statement, take(sql));
    sqlite3_stmt* raw = statement.get();
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(raw)) != values.size()) {
      return Error{Errc::invalid, "as many values as parameters"};
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (bind(raw, static_cast<int>(i) + 1, values[i]) != SQLITE_OK) {
        return last_error(connection_.get(), "sqlite bind");
      }
    }
    return statement;
  }

  static int bind(sqlite3_stmt* statement, int at, const Value& value) {
    switch (value.kind_) {
      case Value::Kind::null:
        return sqlite3_bind_null(statement, at);
      case Value::Kind::integer:
        return sqlite3_bind_int64(statement, at, value.number_);
      case Value::Kind::text:
        return sqlite3_bind_text64(statement, at, value.text_.data(), value.text_.size(),
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    return SQLITE_MISUSE;
  }

  // Recursive: the body of a transaction, and the receiver of a row, call run() and query().
  std::recursive_mutex mutex_;
  Connection connection_;
  std::map<std::string, Statement, std::less<>> prepared_;  // Goes before the connection.
  int depth_ = 0;
};

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file,
                                                 const std::vector<std::string>& migrations) {
  DAYBOOK_ASSIGN_OR_RETURN(Connection connection, open_connection(file.string()));
  auto database = std::make_unique<SqliteDatabase>(std::move(connection));
  DAYBOOK_RETURN_IF_ERROR(database->migrate(migrations));
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace daybook::db
