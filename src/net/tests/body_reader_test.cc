// SPDX-License-Identifier: Apache-2.0
#include "body_reader.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace daybook::net {
namespace {

using Framing = BodyReader::Framing;
using Kind = BodyReader::Kind;
using namespace std::string_literals;

struct Outcome {
  Kind kind = Kind::need_more;
  std::string body;
  std::string rest;  // Bytes after the end of the body.
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "kind " << static_cast<int>(o.kind) << " body [" << o.body << "] rest [" << o.rest
             << "]";
}

void feed(InputBuffer& buffer, std::string_view bytes) {
  const auto space = buffer.prepare(buffer.size() + bytes.size());
  std::memcpy(space.data(), bytes.data(), bytes.size());
  buffer.commit(bytes.size());
}

// Reads `wire` given in pieces whose sizes `next_size` says.
template <class NextSize>
Outcome read_body(Framing framing, std::uint64_t length, std::string_view wire,
                  NextSize next_size) {
  BodyReader body(framing, length);
  InputBuffer buffer;
  Outcome out;
  while (true) {
    const auto step = body.next(buffer);
    out.kind = step.kind;
    if (step.kind == Kind::data) {
      EXPECT_FALSE(step.data.empty());
      out.body += step.data;
    } else if (step.kind == Kind::need_more && !wire.empty()) {
      const std::size_t size = std::min<std::size_t>(wire.size(), next_size());
      feed(buffer, wire.substr(0, size));
      wire.remove_prefix(size);
    } else {
      out.rest = std::string(buffer.view()) + std::string(wire);
      return out;
    }
  }
}

Outcome read_chunked(std::string_view wire) {
  return read_body(Framing::chunked, 0, wire, [] { return std::size_t{1} << 20U; });
}

TEST(BodyReader, NoBodyEndsAtOnce) {
  EXPECT_EQ(read_body(Framing::none, 0, "next", [] { return 9U; }),
            (Outcome{Kind::end, "", "next"}));
  EXPECT_EQ(read_body(Framing::length, 0, "next", [] { return 9U; }),
            (Outcome{Kind::end, "", "next"}));
}

TEST(BodyReader, LengthTakesExactlySoMany) {
  EXPECT_EQ(read_body(Framing::length, 5, "helloGET", [] { return 3U; }),
            (Outcome{Kind::end, "hello", "GET"}));
  EXPECT_EQ(read_body(Framing::length, 9, "hello", [] { return 3U; }),
            (Outcome{Kind::need_more, "hello", ""}));
}

TEST(BodyReader, UntilCloseNeverEndsByItself) {
  EXPECT_EQ(read_body(Framing::until_close, 0, "hello", [] { return 3U; }),
            (Outcome{Kind::need_more, "hello", ""}));
}

TEST(BodyReader, ChunkedTable) {
  struct {
    const char* name;
    std::string wire;
    Outcome want;
  } const cases[] = {
      {"empty", "0\r\n\r\n", {Kind::end, "", ""}},
      {"one", "5\r\nhello\r\n0\r\n\r\nX", {Kind::end, "hello", "X"}},
      {"two", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", {Kind::end, "hello!", ""}},
      {"hex upper", "A\r\n0123456789\r\n0\r\n\r\n", {Kind::end, "0123456789", ""}},
      {"hex lower", "a\r\n0123456789\r\n0\r\n\r\n", {Kind::end, "0123456789", ""}},
      {"leading zeros", "0005\r\nhello\r\n000\r\n\r\n", {Kind::end, "hello", ""}},
      {"data like framing", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", {Kind::end, "\r\n0\r\n\r\n", ""}},
      {"extension", "5;a=b\r\nhello\r\n0;x\r\n\r\n", {Kind::end, "hello", ""}},
      {"quoted extension", "5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n", {Kind::end, "hello", ""}},
      {"trailers", "0\r\nA: b\r\nHost: evil\r\nContent-Length: 9\r\n\r\nX", {Kind::end, "", "X"}},
      {"incomplete data", "5\r\nhel", {Kind::need_more, "hel", ""}},
      {"incomplete end", "0\r\n", {Kind::need_more, "", ""}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(read_chunked(c.wire), c.want) << c.name;
  }
}

TEST(BodyReader, BadChunkedCodings) {
  const std::string long_extension = "5;" + std::string(2000, 'a') + "\r\nhello\r\n0\r\n\r\n";
  std::string many_trailers = "0\r\n";
  for (int i = 0; i < 1000; ++i) {
    many_trailers += "Name: value\r\n";
  }
  const std::string cases[] = {
      "\r\n",                          // no size
      ";a\r\n",                        // no size before an extension
      " 5\r\nhello\r\n",               // space before
      "5 \r\nhello\r\n",               // space after
      "5\t;a\r\nhello\r\n",            // tab after
      "+5\r\nhello\r\n",               // sign
      "-5\r\nhello\r\n",               // sign
      "0x5\r\nhello\r\n",              // prefix
      "5h\r\nhello\r\n",               // not hexadecimal
      "5_0\r\nhello\r\n",              // not hexadecimal
      "5\nhello\r\n",                  // bare LF after the size
      "5\rhello\r\n",                  // bare CR after the size
      "5;a\nb\r\nhello\r\n",           // bare LF in an extension
      "5;a\0b\r\nhello\r\n"s,          // NUL in an extension
      "5\r\nhelloX\r\n",               // no CRLF after the data
      "5\r\nhello\n0\r\n\r\n",         // bare LF after the data
      "5\r\nhello\rX",                 // bare CR after the data
      "FFFFFFFFFFFFFFFF\r\n",          // 2^64-1
      "10000000000000005\r\nhello",    // 2^64+5
      "0000000000000000005\r\nhello",  // too many digits
      "0\r\nno colon\r\n\r\n",         // bad trailer
      "0\r\nA : b\r\n\r\n",            // space before the colon of a trailer
      "0\r\n folded\r\n\r\n",          // folded trailer
      "0\r\nA: b\n\r\n",               // bare LF in a trailer
      "0\r\n\n",                       // bare LF at the end
      long_extension,
      many_trailers,
  };
  for (const std::string& wire : cases) {
    const Outcome out = read_chunked(wire);
    EXPECT_EQ(out.kind, Kind::bad) << wire.substr(0, 40);
    const Outcome slow = read_body(Framing::chunked, 0, wire, [] { return std::size_t{1}; });
    EXPECT_EQ(slow.kind, Kind::bad) << wire.substr(0, 40);
  }
}

TEST(BodyReader, PropertyAnyCutGivesTheSameBody) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string body;
    std::string wire;
    const int chunks = static_cast<int>(random() % 6);
    for (int i = 0; i < chunks; ++i) {
      std::string data(1 + random() % 40, '\0');
      std::generate(data.begin(), data.end(), [&] { return "\r\n0;ab"[random() % 6]; });
      char size[16];
      std::snprintf(size, sizeof size, random() % 2 ? "%zx" : "%zX", data.size());
      wire += std::string(size) + (random() % 3 ? "" : ";x=y") + "\r\n" + data + "\r\n";
      body += data;
    }
    wire += "0\r\n";
    wire += random() % 2 ? "T: v\r\n\r\n" : "\r\n";
    wire += "tail";
    const Outcome out =
        read_body(Framing::chunked, 0, wire, [&] { return std::size_t{1} + random() % 9; });
    EXPECT_EQ(out, (Outcome{Kind::end, body, "tail"}));
  }
}

}  // namespace
}  // namespace daybook::net
