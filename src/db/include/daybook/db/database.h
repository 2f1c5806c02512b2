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

// A bound parameter: null, integer or text.
class Value {
 public:
  Value() = default;
  Value(std::int64_t number) : kind_(1), number_(number) {}            // NOLINT(google-explicit-constructor)
  Value(std::string text) : kind_(2), text_(std::move(text)) {}        // NOLINT(google-explicit-constructor)
  Value(const char* text) : kind_(2), text_(text) {}                   // NOLINT(google-explicit-constructor)
  Value(const std::optional<std::string>& text);                       // NOLINT(google-explicit-constructor)

 private:
  friend class Database;
  int kind_ = 0;
  std::int64_t number_ = 0;
  std::string text_;
};

// One SQLite file (`state.db`), WAL mode, synchronous=FULL, foreign keys on. Parameters are always bound.
// Threads: any (one mutex inside); a transaction holds it. Errors: Errc::io, Errc::exists (constraint).
class Database {
 public:
  // Opens or creates; applies `migrations` in order, each once (PRAGMA user_version counts them).
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                const std::vector<std::string>& migrations);
  virtual ~Database() = default;
  virtual Status run(std::string_view sql, const std::vector<Value>& values = {}) = 0;
  virtual Status query(std::string_view sql, const std::vector<Value>& values,
                       const std::function<void(const Row&)>& row) = 0;
  // All of `body` or nothing.
  virtual Status transaction(const std::function<Status()>& body) = 0;
};

}  // namespace daybook::db
