// SPDX-License-Identifier: Apache-2.0
#include "record_splitter.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/record/json.h"
#include "daybook/record_testing/random_event.h"

#include "row_counter.h"

namespace daybook::terminal {
namespace {

using Form = RecordSplitter::Form;
using record::Json;

struct Record {
  std::string text;
  std::uint64_t number;
  bool operator==(const Record&) const = default;
};

// Records, then `!number` if the splitter complained.
std::vector<Record> split(Form form, const std::string& input, std::size_t piece_size) {
  RecordSplitter splitter(form);
  std::vector<Record> records;
  const auto drain = [&] {
    while (true) {
      const auto next = splitter.next();
      if (!next) {
        records.push_back({"!", splitter.number()});
        return false;
      }
      if (!*next) return true;
      records.push_back({std::string(**next), splitter.number()});
    }
  };
  for (std::size_t at = 0; at < input.size(); at += piece_size) {
    splitter.give(std::string_view(input).substr(at, piece_size));
    if (!drain()) return records;
  }
  splitter.end();
  drain();
  return records;
}

TEST(RecordSplitter, CutsLinesAndCountsBlankOnes) {
  const std::vector<Record> expected{{"{\"a\":1}\r", 1}, {"nonsense", 3}, {"{}", 4}};
  for (const std::size_t size : {1U, 3U, 100U})
    EXPECT_EQ(split(Form::lines, "{\"a\":1}\r\n  \nnonsense\n{}", size), expected);
  EXPECT_TRUE(split(Form::lines, "", 1).empty());
}

TEST(RecordSplitter, CutsAnArray) {
  const std::vector<Record> expected{{R"({"a":"]},{\""})", 1}, {"[1]", 2}, {"7", 3}, {"\"x\"", 4}};
  for (const std::size_t size : {1U, 2U, 100U})
    EXPECT_EQ(split(Form::items, " [ {\"a\":\"]},{\\\"\"} ,\n[1], 7 ,\"x\"]\n", size), expected);
  EXPECT_TRUE(split(Form::items, "[]", 1).empty());
}

TEST(RecordSplitter, TakesOneObjectOrSeveral) {
  EXPECT_EQ(split(Form::items, "{\n\"a\":1\n}\n", 3), (std::vector<Record>{{"{\n\"a\":1\n}", 1}}));
  EXPECT_EQ(split(Form::items, "{}\n{}", 1), (std::vector<Record>{{"{}", 1}, {"{}", 2}}));
}

TEST(RecordSplitter, TellsWhatIsCutShort) {
  EXPECT_EQ(split(Form::items, "[{},", 1), (std::vector<Record>{{"{}", 1}, {"!", 2}}));
  EXPECT_EQ(split(Form::items, "[{},{\"a\":", 1),
            (std::vector<Record>{{"{}", 1}, {"{\"a\":", 2}, {"!", 3}}));
}

TEST(RecordSplitter, RefusesARecordTooLarge) {
  for (const Form form : {Form::lines, Form::items}) {
    RecordSplitter splitter(form);
    const std::string piece = "\"" + std::string(1U << 20U, 'x');
    bool refused = false;
    for (std::size_t given = 0; given <= RecordSplitter::kRecordBytesMax + (2U << 20U) && !refused;
         given += piece.size()) {
      splitter.give(given == 0 ? piece : std::string(piece.size(), 'x'));
      const auto next = splitter.next();
      refused = !next && next.error().code == Errc::exhausted;
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(splitter.number(), 1U);
  }
}

// Any array of objects, in compact or indented form, comes out item by item as it went in; and the
// counter of exports counts the same.
TEST(RecordSplitter, ReadsAnyArray) {
  record_testing::RandomEvents random(5);
  for (int round = 0; round < 200; ++round) {
    Json array = Json::array();
    for (std::uint64_t i = random.below(6); i > 0; --i)
      array.push_back({{"key", random.json(4)}, {"text", random.text()}});
    const std::string text = array.dump(round % 2 == 0 ? -1 : 2);
    Json read = Json::array();
    RowCounter counter(RowCounter::Format::json);
    counter.give(text);
    for (const auto& item : split(Form::items, text, 1 + random.below(40)))
      read.push_back(Json::parse(item.text));
    ASSERT_EQ(read, array);
    ASSERT_EQ(counter.rows(), array.size());
  }
}

TEST(RowCounter, CountsCsvRecords) {
  RowCounter counter(RowCounter::Format::csv);
  EXPECT_EQ(counter.rows(), 0U);
  for (const char c : std::string("a,b\r\n1,\"x\r\ny \"\"quoted\"\"\"\r\n2,z\r\n"))
    counter.give(std::string_view(&c, 1));
  EXPECT_EQ(counter.rows(), 2U);
}

TEST(RowCounter, CountsLines) {
  RowCounter counter(RowCounter::Format::ndjson);
  counter.give("{}\n{");
  counter.give("}\n");
  EXPECT_EQ(counter.rows(), 2U);
}

}  // namespace
}  // namespace daybook::terminal
