// SPDX-License-Identifier: Apache-2.0
#include "sse_reader.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace daybook::terminal {
namespace {

std::vector<ServerEvent> read_all(const std::vector<std::string>& pieces) {
  SseReader reader;
  std::vector<ServerEvent> events;
  for (const auto& piece : pieces) {
    reader.give(piece);
    while (true) {
      auto event = reader.next();
      EXPECT_TRUE(event);
      if (!event || !*event) break;
      events.push_back(**event);
    }
  }
  return events;
}

constexpr const char* kStream =
    "\xEF\xBB\xBF: hello\n\nid: 7\nevent: auditlog\ndata: {\"a\":1}\n\n"
    "data:two\r\ndata: lines\r\n\r\nid: 9\n\nretry: 10\nunknown\ndata\r\rdata: unfinished\n";

void expect_whole(const std::vector<ServerEvent>& events) {
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].id, "7");
  EXPECT_EQ(events[0].event, "auditlog");
  EXPECT_EQ(events[0].data, "{\"a\":1}");
  EXPECT_EQ(events[1].id, "7");
  EXPECT_EQ(events[1].event, "");
  EXPECT_EQ(events[1].data, "two\nlines");
  EXPECT_EQ(events[2].id, "9");
  EXPECT_EQ(events[2].data, "");
}

TEST(SseReader, ReadsEvents) {
  expect_whole(read_all({kStream}));
}

TEST(SseReader, ReadsThemHoweverTheyAreCut) {
  const std::string stream = kStream;
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = 1 + random() % 5;
      pieces.push_back(stream.substr(at, size));
      at += size;
    }
    expect_whole(read_all(pieces));
  }
}

TEST(SseReader, RefusesAnEndlessLine) {
  SseReader reader;
  const std::string piece(1U << 20U, 'x');
  for (std::size_t given = 0; given <= SseReader::kEventBytesMax; given += piece.size()) {
    reader.give(piece);
    if (const auto event = reader.next(); !event) {
      EXPECT_EQ(event.error().code, Errc::exhausted);
      return;
    }
  }
  FAIL();
}

}  // namespace
}  // namespace daybook::terminal
