// SPDX-License-Identifier: Apache-2.0
// Every operation of Kestra's open-source edition, against a table made without the classifier.
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {
namespace {

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> out;
  std::stringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) out.push_back(cell);
  return out;
}

const std::map<std::string, Bulk> kBulk = {
    {"no", Bulk::no},     {"ids", Bulk::ids},         {"query", Bulk::query},
    {"file", Bulk::file}, {"objects", Bulk::objects}, {"yaml_multi", Bulk::yaml_multi}};

TEST(Golden, EveryOpenSourceOperation) {
  std::ifstream in(std::string(DAYBOOK_TEST_DATA) + "/kestra/golden.tsv");
  ASSERT_TRUE(in);
  std::string line;
  std::getline(in, line);
  std::size_t with_tenant = 0;
  std::size_t without = 0;
  while (std::getline(in, line)) {
    const auto row = columns(line);
    ASSERT_EQ(row.size(), 10U) << line;
    const auto what = Rules::builtin().classify({row[0], row[1], ""});
    SCOPED_TRACE(row[0] + " " + row[1]);
    EXPECT_TRUE(what.known);
    EXPECT_EQ(what.resource, row[2]);
    EXPECT_EQ(what.action, row[3]);
    EXPECT_EQ(what.absent_action.value_or("-"), row[4]);
    EXPECT_EQ(what.tenant, row[5]);
    EXPECT_EQ(what.bulk, kBulk.at(row[6]));
    EXPECT_EQ(what.changes, row[7] == "yes");
    EXPECT_EQ(what.level == Level::none, row[8] == "none");
    EXPECT_EQ(what.detail, Json::parse(row[9]));
    ++(row[5] == "acme" ? with_tenant : without);
    // A changing request is never taken for another one by HEAD.
    if (row[0] == "GET") {
      EXPECT_EQ(Rules::builtin().classify({"HEAD", row[1], ""}).rule, what.rule);
    }
  }
  EXPECT_EQ(without, 202U);
  EXPECT_EQ(with_tenant, 179U);
}

}  // namespace
}  // namespace daybook::kestra
