// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/rule_book.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

namespace daybook::capture {
namespace {

constexpr const char* kOne = R"(version: one
rules:
  - {name: ping, match: "GET /ping", resource: UNKNOWN, action: READ, level: none}
)";
constexpr const char* kTwo = R"(version: two
rules:
  - {name: ping, match: "GET /ping", resource: PING, action: READ}
)";
// `actoin` stands in the third line.
constexpr const char* kBad = R"(version: three
rules:
  - {name: ping, match: "GET /ping", resource: PING, actoin: READ}
)";

class RuleBookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "rules-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "rules.yaml"; }
  void write(const char* text) const { std::ofstream(file()) << text; }

  std::filesystem::path folder_;
};

TEST_F(RuleBookTest, TheBuiltInRulesAreNeverReadAgain) {
  const auto book = RuleBook::open(std::nullopt);
  ASSERT_TRUE(book);
  EXPECT_EQ((*book)->now().get(), &kestra::Rules::builtin());
  EXPECT_FALSE((*book)->reload(system_clock()).has_value());
  const auto event = (*book)->in_force(system_clock());
  EXPECT_EQ(event.kind, record::Kind::system);
  EXPECT_EQ(event.action, "RULES");
  EXPECT_EQ(event.detail.at("builtIn"), true);
  EXPECT_EQ(event.detail.at("version"), kestra::Rules::builtin().version());
}

TEST_F(RuleBookTest, ANewFileIsInForceAndSaidOnce) {
  write(kOne);
  const auto opened = RuleBook::open(file());
  ASSERT_TRUE(opened) << opened.error().context;
  RuleBook& book = **opened;
  const auto old = book.now();
  EXPECT_FALSE(book.reload(system_clock()).has_value());
  write(kTwo);
  const auto event = book.reload(system_clock());
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->result, record::ResultWord::success);
  EXPECT_EQ(event->detail.at("version"), "two");
  EXPECT_EQ(event->detail.at("rules"), 1);
  EXPECT_EQ(event->detail.at("sha256").get<std::string>().size(), 64U);
  EXPECT_FALSE(book.reload(system_clock()).has_value());
  EXPECT_EQ(book.now()->classify({"GET", "/ping", ""}).resource, "PING");
  EXPECT_EQ(old->classify({"GET", "/ping", ""}).resource, "UNKNOWN");  // Of a request under way.
}

TEST_F(RuleBookTest, ABadFileKeepsTheOldRulesAndSaysWhere) {
  write(kOne);
  const auto opened = RuleBook::open(file());
  ASSERT_TRUE(opened);
  RuleBook& book = **opened;
  write(kBad);
  const auto event = book.reload(system_clock());
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->result, record::ResultWord::failure);
  EXPECT_NE(event->message->find("line 3, column"), std::string::npos);
  EXPECT_EQ(event->detail.at("version"), "one");
  EXPECT_FALSE(book.reload(system_clock()).has_value());  // Said once.
  EXPECT_EQ(book.now()->version(), "one");
  std::filesystem::remove(file());
  EXPECT_TRUE(book.reload(system_clock()).has_value());
  EXPECT_EQ(book.now()->version(), "one");
  write(kTwo);
  EXPECT_TRUE(book.reload(system_clock()).has_value());
  EXPECT_EQ(book.now()->version(), "two");
}

TEST_F(RuleBookTest, OpeningABadFileFails) {
  EXPECT_EQ(RuleBook::open(file()).error().code, Errc::not_found);
  write(kBad);
  EXPECT_EQ(RuleBook::open(file()).error().code, Errc::invalid);
}

}  // namespace
}  // namespace daybook::capture
