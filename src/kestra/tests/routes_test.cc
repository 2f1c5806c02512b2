// SPDX-License-Identifier: Apache-2.0
// Every operation of Kestra that is known, Enterprise, older and newer ones too, against a table
// made without the classifier.
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {
namespace {

TEST(AllRoutes, AgreeInResourceActionAndIds) {
  std::ifstream in(std::string(DAYBOOK_TEST_DATA) + "/kestra/routes.tsv");
  ASSERT_TRUE(in);
  std::string line;
  std::getline(in, line);
  std::map<std::string, int> count;
  while (std::getline(in, line)) {
    std::vector<std::string> row;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    ASSERT_EQ(row.size(), 7U) << line;
    SCOPED_TRACE(row[0] + ": " + row[1] + " " + row[2]);
    const Classification what = Rules::builtin().classify({row[1], row[2], ""});
    EXPECT_TRUE(what.known);
    EXPECT_EQ(what.resource, row[3]);
    EXPECT_EQ(what.action, row[4]);
    EXPECT_EQ(what.changes, row[5] == "yes");
    EXPECT_EQ(what.tenant, row[2].starts_with("/api/v1/acme/") ? "acme" : "main");
    const Json ids = Json::parse(row[6]);
    for (const auto& [key, value] : ids.items()) {
      EXPECT_EQ(what.detail.value(key, Json()), value) << key;
    }
    ++count[row[0]];
  }
  EXPECT_EQ(count["2.0"], 523);
  EXPECT_GE(count["older"], 40);
  EXPECT_GE(count["newer"], 90);
}

}  // namespace
}  // namespace daybook::kestra
