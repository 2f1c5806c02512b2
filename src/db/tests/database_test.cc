// SPDX-License-Identifier: Apache-2.0
#include "daybook/db/database.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

namespace daybook::db {
namespace {

const std::vector<std::string> kMigrations = {
    "CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, note TEXT) STRICT;"
    "CREATE TABLE child(parent INTEGER NOT NULL REFERENCES parent(id)) STRICT;"};

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "/daybook_db_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  [[nodiscard]] std::filesystem::path file() const { return dir_ / "state.db"; }

  [[nodiscard]] std::unique_ptr<Database> open(const std::vector<std::string>& migrations) const {
    auto database = Database::open(file(), migrations);
    EXPECT_TRUE(database.has_value()) << database.error().context;
    return *std::move(database);
  }

  static std::int64_t count(Database& database, const std::string& table) {
    std::int64_t rows = -1;
    EXPECT_TRUE(database.query("SELECT count(*) FROM " + table, {},
                               [&](const Row& row) { rows = row.integer(0); }));
    return rows;
  }

  std::filesystem::path dir_;
};

TEST_F(DatabaseTest, KeepsValuesOfEveryKindAcrossReopening) {
  const std::string odd("a\0'\"\xc3\xa9;--", 9);
  {
    auto database = open(kMigrations);
    ASSERT_TRUE(database->run("INSERT INTO parent VALUES(?,?,?)",
                              {std::int64_t{-5}, odd, std::optional<std::string>()}));
    ASSERT_TRUE(database->run("INSERT INTO parent VALUES(?,?,?)",
                              {std::int64_t{1} << 60, "plain", std::optional<std::string>("")}));
  }
  auto database = open(kMigrations);
  int rows = 0;
  ASSERT_TRUE(database->query("SELECT id,name,note FROM parent ORDER BY id", {}, [&](const Row& r) {
    if (rows++ == 0) {
      EXPECT_EQ(r.integer(0), -5);
      EXPECT_EQ(r.text(1), odd);
      EXPECT_EQ(r.optional_text(2), std::nullopt);
    } else {
      EXPECT_EQ(r.integer(0), std::int64_t{1} << 60);
      EXPECT_EQ(r.optional_text(2), "");
    }
  }));
  EXPECT_EQ(rows, 2);
}

TEST_F(DatabaseTest, SetsTheDurabilityItPromises) {
  auto database = open(kMigrations);
  const auto pragma = [&](const std::string& name) {
    std::string value;
    EXPECT_TRUE(
        database->query("PRAGMA " + name, {}, [&](const Row& row) { value = row.text(0); }));
    return value;
  };
  EXPECT_EQ(pragma("journal_mode"), "wal");
  EXPECT_EQ(pragma("synchronous"), "2");  // FULL
  EXPECT_EQ(pragma("foreign_keys"), "1");
}

TEST_F(DatabaseTest, FilesAreForTheOwnerOnly) {
  auto database = open(kMigrations);
  ASSERT_TRUE(database->run("INSERT INTO parent(name) VALUES('x')"));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_)) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3);  // state.db, -wal, -shm
}

TEST_F(DatabaseTest, ConstraintsGiveExists) {
  auto database = open(kMigrations);
  ASSERT_TRUE(database->run("INSERT INTO parent(name) VALUES(?)", {"taken"}));
  const Status again = database->run("INSERT INTO parent(name) VALUES(?)", {"taken"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::exists);
  const Status orphan = database->run("INSERT INTO child VALUES(99)");
  ASSERT_FALSE(orphan);
  EXPECT_EQ(orphan.error().code, Errc::exists);
}

TEST_F(DatabaseTest, TransactionIsAllOrNothing) {
  auto database = open(kMigrations);
  const Status failed = database->transaction([&]() -> Status {
    DAYBOOK_RETURN_IF_ERROR(database->run("INSERT INTO parent(name) VALUES('a')"));
    return Error{Errc::denied, "no"};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::denied);
  EXPECT_EQ(count(*database, "parent"), 0);
  EXPECT_TRUE(database->transaction([&]() -> Status {
    DAYBOOK_RETURN_IF_ERROR(database->run("INSERT INTO parent(name) VALUES('a')"));
    return database->run("INSERT INTO parent(name) VALUES('b')");
  }));
  EXPECT_EQ(count(*database, "parent"), 2);
}

TEST_F(DatabaseTest, TransactionsDoNotNestAndTheOuterOneSurvives) {
  auto database = open(kMigrations);
  Errc inner = Errc::io;
  EXPECT_TRUE(database->transaction([&]() -> Status {
    const Status nested = database->transaction([] { return Status(); });
    if (!nested) inner = nested.error().code;
    return database->run("INSERT INTO parent(name) VALUES('a')");
  }));
  EXPECT_EQ(inner, Errc::unsupported);
  EXPECT_EQ(count(*database, "parent"), 1);
}

TEST_F(DatabaseTest, MigrationsRunOnceAndAFailedOneLeavesNothing) {
  { EXPECT_EQ(count(*open(kMigrations), "parent"), 0); }
  auto broken = kMigrations;
  broken.emplace_back("CREATE TABLE later(x TEXT) STRICT; INSERT INTO nowhere VALUES(1);");
  EXPECT_FALSE(Database::open(file(), broken));
  auto more = kMigrations;
  more.emplace_back("CREATE TABLE later(x TEXT) STRICT;");
  { EXPECT_EQ(count(*open(more), "later"), 0); }
  { EXPECT_EQ(count(*open(more), "later"), 0); }
  const auto older = Database::open(file(), kMigrations);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Errc::unsupported);
}

TEST_F(DatabaseTest, RefusesTextThatIsNotOneStatementWithItsValues) {
  auto database = open(kMigrations);
  for (const char* sql : {"", "SELECT 1; SELECT 2", "SELECT ?"}) {
    const Status refused = database->run(sql);
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().code, Errc::invalid) << sql;
  }
  const Status unknown = database->run("SELECT * FROM nowhere");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::io);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsCorrupt) {
  std::ofstream(file()) << std::string(4096, 'x');
  const auto database = Database::open(file(), kMigrations);
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, Errc::corrupt);
}

TEST_F(DatabaseTest, ThreadsAndASecondConnectionShareTheFile) {
  auto first = open(kMigrations);
  auto second = open(kMigrations);
  const auto insert = [](Database& database, const std::string& prefix) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(database.transaction([&] {
        return database.run("INSERT INTO parent(name) VALUES(?)", {prefix + std::to_string(i)});
      }));
    }
  };
  std::thread a([&] { insert(*first, "a"); });
  std::thread b([&] { insert(*first, "b"); });
  std::thread c([&] { insert(*second, "c"); });
  a.join();
  b.join();
  c.join();
  EXPECT_EQ(count(*second, "parent"), 60);
}

}  // namespace
}  // namespace daybook::db
