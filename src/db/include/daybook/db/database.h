// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/result.h"

namespace daybook::db {

// One row's cells, read in order of the select list.
class Row {
 public:
  explicit Row(void* statement) : statement_(statement) {}
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::optional<std::string> optional_text(int column) const;

 private:
  void* statement_;
};

// A bound parameter: null, integer or text. Conversion is implicit so that a list of values reads
// as one.
class Value {
 public:
  Value() = default;
  // NOLINTBEGIN(google-explicit-constructor): see above.
  Value(std::int64_t number) : kind_(Kind::integer), number_(number) {}
  Value(std::string text) : kind_(Kind::text), text_(std::move(text)) {}
  Value(const char* text) : kind_(Kind::text), text_(text) {}
  Value(const std::optional<std::string>& text);
  // NOLINTEND(google-explicit-constructor)

 private:
  friend class SqliteDatabase;
  enum class Kind : std::uint8_t { null, integer, text };
  Kind kind_ = Kind::null;
  std::int64_t number_ = 0;
  std::string text_;
};

// One SQLite file (`state.db`, mode 0600), WAL mode, synchronous=FULL, foreign keys on. Parameters
// are always bound; one statement a call. Threads: any (one mutex inside); a transaction holds it.
// Errors: Errc::exists (constraint), exhausted (disk full), unavailable (another process writes for
// more than 5 s), corrupt, invalid (not one statement, wrong number of values), else Errc::io.
class Database {
 public:
  // Opens or creates; applies `migrations` in order, each once (PRAGMA user_version counts them:
  // one list a file). Errc::unsupported if a later version has added more.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                const std::vector<std::string>& migrations);
  virtual ~Database() = default;
  virtual Status run(std::string_view sql, const std::vector<Value>& values = {}) = 0;
  virtual Status query(std::string_view sql, const std::vector<Value>& values,
                       const std::function<void(const Row&)>& row) = 0;
  // Grows with every row that this connection has inserted, changed or deleted: what was read stays
  // true while it stands still, as long as nobody else writes.
  virtual std::uint64_t changes() = 0;
  // All of `body` or nothing. Not inside another one: Errc::unsupported.
  virtual Status transaction(const std::function<Status()>& body) = 0;
};

}  // namespace daybook::db
