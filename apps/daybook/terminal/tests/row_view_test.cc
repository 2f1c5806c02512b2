// SPDX-License-Identifier: Apache-2.0
#include "row_view.h"

#include <gtest/gtest.h>

#include "daybook/record/row.h"
#include "daybook/record_testing/random_event.h"

#include "visible_text.h"

namespace daybook::terminal {
namespace {

using record::Json;

Json row() {
  return Json::parse(R"({"auditLog":{"id":"1","type":"UPDATE","date":"2026-11-24T10:00:00.000Z",
    "userId":"5k7","detail":{"type":"FLOW","resource":"FLOW","resourceType":"FLOW","id":"hello",
    "flowId":"hello","namespace":"company.team","revision":2,"other":{"a":[1,"\u001b"]}}},
    "user":{"username":"jane"}})");
}

TEST(RowView, ShowsTheFiveColumns) {
  const Cells cells = cells_of(row(), Zone::utc);
  EXPECT_EQ(cells[0], "2026-11-24 10:00:00Z");
  EXPECT_EQ(cells[1], "FLOW");
  EXPECT_EQ(cells[2], "UPDATE");
  EXPECT_EQ(cells[3], "jane");
  EXPECT_EQ(cells[4], R"(namespace:company.team flowId:hello revision:2 other:{"a":[1,"\u001b"]})");
}

TEST(RowView, ShowsTheIdWhereThereIsNoUser) {
  Json system = row();
  system.erase("user");
  EXPECT_EQ(cells_of(system, Zone::utc)[3], "5k7");
}

TEST(RowView, ShowsATypeOfTheSendersOwn) {
  Json other = row();
  other["auditLog"]["detail"]["type"] = "io.kestra.Flow";
  EXPECT_NE(cells_of(other, Zone::utc)[4].find("type:io.kestra.Flow"), std::string::npos);
}

TEST(RowView, SurvivesAnyJson) {
  for (const char* text : {"null", "[]", "{}", R"({"auditLog":3})", R"({"auditLog":{"detail":[]}})",
                           R"({"auditLog":{"date":7,"detail":{"resource":{}}},"user":"x"})"}) {
    EXPECT_EQ(cells_of(Json::parse(text), Zone::utc)[4].find('\n'), std::string::npos);
  }
}

TEST(RowView, EveryLineFitsTheWidth) {
  record_testing::RandomEvents random(99);
  std::vector<Cells> rows;
  for (int i = 0; i < 50; ++i)
    rows.push_back(cells_of(record::render_row(random.event(), nullptr), Zone::utc));
  for (const std::size_t width : {60U, 80U, 120U, 250U}) {
    const RowTable known(width, rows);
    const RowTable stream(width);
    for (const auto& cells : rows) {
      ASSERT_LE(display_width(known.line(cells)), width);
      ASSERT_LE(display_width(stream.line(cells)), width);
    }
    ASSERT_LE(display_width(known.header()), width);
  }
}

TEST(RowView, CutsNothingWithoutAWidth) {
  Json large = row();
  large["auditLog"]["detail"]["key"] = std::string(500, 'k');
  const std::vector<Cells> rows{cells_of(large, Zone::utc)};
  EXPECT_NE(RowTable(0, rows).line(rows[0]).find(std::string(500, 'k')), std::string::npos);
}

TEST(RowView, AlignsAnyTable) {
  EXPECT_EQ(plain_table({{"resource", "count"}, {"FLOW", "12"}}),
            "resource  count\nFLOW      12\n");
}

}  // namespace
}  // namespace daybook::terminal
