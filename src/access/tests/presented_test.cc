// SPDX-License-Identifier: Apache-2.0
#include "presented.h"

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/core_testing/manual_clock.h"

#include "account_store.h"

namespace daybook::access {
namespace {

using Kind = Presented::Kind;

const std::string kToken = "dbk_0123456789abcdefghijABCDEFGHIJ";

std::string basic(std::string_view pair) {
  return "Basic " + to_base64(as_bytes(pair));
}

TEST(Authorization, BasicWithNameAndPassword) {
  for (const auto& [pair, name, password] :
       std::vector<std::array<std::string, 3>>{{"alice:secret", "alice", "secret"},
                                               {"alice:se:cr:et", "alice", "se:cr:et"},
                                               {"alice:", "alice", ""},
                                               {"al ice: p ", "al ice", " p "},
                                               {"\xc3\xa9:\xc3\xa8", "\xc3\xa9", "\xc3\xa8"},
                                               {"ci:" + kToken, "ci", kToken}}) {
    const Presented presented = parse_authorization(basic(pair));
    EXPECT_EQ(presented.kind, Kind::password) << pair;
    EXPECT_EQ(presented.username, name);
    EXPECT_EQ(presented.secret, password);
  }
}

TEST(Authorization, Tokens) {
  for (const std::string& header :
       {"Bearer " + kToken, "bearer " + kToken, "BEARER   " + kToken + " ", basic(kToken),
        basic(kToken + ":"), basic(":" + kToken), "bAsIc " + to_base64(as_bytes(kToken))}) {
    const Presented presented = parse_authorization(header);
    EXPECT_EQ(presented.kind, Kind::token) << header;
    EXPECT_EQ(presented.secret, kToken);
  }
  EXPECT_EQ(parse_authorization("Bearer anything.else-").kind, Kind::token);
  EXPECT_EQ(parse_authorization(basic("no-colon")).kind, Kind::token);
}

TEST(Authorization, NothingAndNonsense) {
  EXPECT_EQ(parse_authorization("").kind, Kind::none);
  EXPECT_EQ(parse_authorization("  \t").kind, Kind::none);
  for (const std::string& header : {std::string("Basic"),
                                    std::string("Bearer"),
                                    std::string("Bearer "),
                                    std::string("Basic "),
                                    std::string("Basic !!!!"),
                                    std::string("Basic YWxpY2U6c2VjcmV0 x"),
                                    std::string("Basic YWxpY2U6c2VjcmV"),
                                    std::string("Bearer a b"),
                                    std::string("Bearer a\x01"),
                                    std::string("Bearer \xc3\xa9"),
                                    std::string("Digest x"),
                                    std::string("Negotiate abc"),
                                    std::string("xyz"),
                                    basic(":password"),
                                    basic(""),
                                    basic("a\n:b"),
                                    basic("a:b\x7f"),
                                    basic("\xff:b"),
                                    "Bearer " + std::string(513, 'a'),
                                    basic(std::string(9'000, 'a') + ":b")}) {
    EXPECT_EQ(parse_authorization(header).kind, Kind::malformed) << header;
  }
}

TEST(Authorization, AnyBytesGiveSomeAnswer) {
  testing::SeededRandom random(1);
  for (int round = 0; round < 5'000; ++round) {
    std::string bytes(random.below(60), '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    for (const std::string& header : {bytes, "Basic " + bytes, "Bearer " + bytes, basic(bytes)}) {
      const Presented presented = parse_authorization(header);
      EXPECT_EQ(presented.secret.empty() && presented.username.empty(),
                presented.kind == Kind::none || presented.kind == Kind::malformed);
    }
  }
}

TEST(Cookie, FindsTheSession) {
  EXPECT_EQ(session_cookie("daybook_session=abc"), "abc");
  EXPECT_EQ(session_cookie("a=b; daybook_session=abc; c=d"), "abc");
  EXPECT_EQ(session_cookie("a=b;daybook_session=abc"), "abc");
  EXPECT_EQ(session_cookie("daybook_session=one; daybook_session=two"), "one");
  EXPECT_EQ(session_cookie("daybook_session=a=b"), "a=b");
  for (const char* header : {"", ";", "daybook_session", "xdaybook_session=a", "DAYBOOK_SESSION=a",
                             "a=daybook_session=x", "daybook_session =a"}) {
    EXPECT_EQ(session_cookie(header), "") << header;
  }
}

TEST(TokenForm, IsPrefixAndBase62) {
  EXPECT_TRUE(is_token("dbk_" + std::string(22, 'a')));
  EXPECT_FALSE(is_token("dbk_" + std::string(21, 'a')));
  EXPECT_FALSE(is_token("dbk-" + std::string(22, 'a')));
  EXPECT_FALSE(is_token("dbk_" + std::string(22, '_')));
  EXPECT_FALSE(is_token(""));
}

}  // namespace
}  // namespace daybook::access
