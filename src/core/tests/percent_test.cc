// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/percent.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

TEST(Percent, DecodesAndLeavesBadEscapes) {
  EXPECT_EQ(percent_decode("a%2Fb%20c+d", false), "a/b c+d");
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("%00", false), std::string(1, '\0'));
  EXPECT_EQ(percent_decode("%", false), "%");
  EXPECT_EQ(percent_decode("%4", false), "%4");
  EXPECT_EQ(percent_decode("%zz%41", false), "%zzA");
}

TEST(Percent, StrictRefusesWhatIsNoTextOfEscapes) {
  EXPECT_EQ(percent_decode_strict("%C3%A9", false), "\xC3\xA9");
  EXPECT_EQ(percent_decode_strict("%C3", false), std::nullopt);
  EXPECT_EQ(percent_decode_strict("%4", false), std::nullopt);
  EXPECT_EQ(percent_decode_strict("a%", false), std::nullopt);
}

TEST(Percent, EncodedComesBackForEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
  }
  EXPECT_EQ(percent_decode(percent_encode(all), false), all);
  EXPECT_EQ(percent_decode(percent_encode(all), true), all);
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/+"), "a%20b%2F%2B");
}

TEST(Query, KeepsOrderAndRepeats) {
  EXPECT_EQ(
      parse_query("b=1&a=2&b=%26+x&&flag&=v&e=="),
      (QueryFields{{"b", "1"}, {"a", "2"}, {"b", "& x"}, {"flag", ""}, {"", "v"}, {"e", "="}}));
  EXPECT_TRUE(parse_query("").empty());
}

TEST(Query, EncodedParsesToItself) {
  const QueryFields fields{{"filters[a][IN]", "x,y"}, {"q", "a b&c=d+%"}, {"q", ""}};
  EXPECT_EQ(parse_query(encode_query(fields)), fields);
  EXPECT_EQ(encode_query({{"a b", "&"}, {"c", ""}}), "a%20b=%26&c=");
  EXPECT_EQ(encode_query({}), "");
}

TEST(Query, FirstValueOfAName) {
  const QueryFields fields = parse_query("a=1&b=2&a=3");
  EXPECT_EQ(first_value(fields, "a"), "1");
  EXPECT_EQ(first_value(fields, "c"), "");
}

}  // namespace
}  // namespace daybook
