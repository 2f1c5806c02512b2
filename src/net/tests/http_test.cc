// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/http.h"

#include <gtest/gtest.h>

#include "daybook/net/client.h"

namespace daybook::net {
namespace {

TEST(Headers, NamesCompareWithoutCaseAndKeepOrder) {
  Headers headers;
  headers.add("A", "1");
  headers.add("b", "2");
  headers.add("a", "3");
  EXPECT_EQ(headers.get("a"), "1");
  EXPECT_EQ(headers.get_all("A").size(), 2U);
  EXPECT_FALSE(headers.contains("c"));
  headers.set("A", "4");
  const std::vector<Headers::Field> want = {{"b", "2"}, {"A", "4"}};
  EXPECT_EQ(headers.fields(), want);
}

TEST(RequestHead, PathAndQueryOfEachForm) {
  struct {
    const char* target;
    const char* path;
    const char* query;
  } const cases[] = {
      {"/", "/", ""},
      {"/a/b?c=d?e", "/a/b", "c=d?e"},
      {"/a?", "/a", ""},
      {"*", "*", ""},
      {"http://h:1/a?b", "/a", "b"},
      {"HTTPS://h", "/", ""},
      {"http://h?b", "/", "b"},
      {"/x?u=http://h/y", "/x", "u=http://h/y"},
      {"//h/y", "//h/y", ""},
  };
  for (const auto& c : cases) {
    RequestHead head;
    head.target = c.target;
    EXPECT_EQ(head.path(), c.path) << c.target;
    EXPECT_EQ(head.query(), c.query) << c.target;
  }
}

TEST(HopByHop, ListedAndNominated) {
  Headers headers;
  headers.add("Connection", "close, X-Own ,Host,content-length");
  EXPECT_TRUE(is_hop_by_hop("connection", headers));
  EXPECT_TRUE(is_hop_by_hop("Transfer-Encoding", headers));
  EXPECT_TRUE(is_hop_by_hop("proxy-authorization", headers));
  EXPECT_TRUE(is_hop_by_hop("x-own", headers));
  EXPECT_FALSE(is_hop_by_hop("X-Other", headers));
  EXPECT_FALSE(is_hop_by_hop("Host", headers));
  EXPECT_FALSE(is_hop_by_hop("Content-Length", headers));
  EXPECT_FALSE(is_hop_by_hop("Set-Cookie", headers));
}

TEST(StandardReason, KnownAndUnknown) {
  EXPECT_EQ(standard_reason(200), "OK");
  EXPECT_EQ(standard_reason(404), "Not Found");
  EXPECT_EQ(standard_reason(511), "Network Authentication Required");
  EXPECT_EQ(standard_reason(299), "");
  EXPECT_EQ(standard_reason(0), "");
  EXPECT_EQ(standard_reason(999), "");
}

TEST(BaseUrl, Forms) {
  const auto plain = BaseUrl::parse("http://kestra.example:8080/base/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "kestra.example");
  EXPECT_EQ(plain->port, 8080);
  EXPECT_EQ(plain->prefix, "/base");
  EXPECT_EQ(plain->authority(), "kestra.example:8080");
  const auto v6 = BaseUrl::parse("HTTP://[::1]");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 80);
  EXPECT_EQ(v6->prefix, "");
  EXPECT_EQ(v6->authority(), "[::1]:80");
  const auto local = BaseUrl::parse("unix:/tmp/a.sock");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->scheme, "unix");
  EXPECT_EQ(local->host, "/tmp/a.sock");
  EXPECT_EQ(BaseUrl::parse("https://h")->port, 443);
  EXPECT_EQ(BaseUrl::parse("https://h:8443")->scheme, "https");
  EXPECT_EQ(BaseUrl::parse("ftp://h").error().code, Errc::unsupported);
  for (const char* bad : {"", "h:80", "http://", "http://h:0", "http://h:99999", "http://h:x",
                          "http://u:p@h", "http://h/?q", "http://h/#f", "http://::1:80", "unix:"}) {
    const auto parsed = BaseUrl::parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Errc::invalid) << bad;
  }
}

MediaType type_of(std::string value) {
  Headers headers;
  headers.add("content-type", std::move(value));
  return media_type(headers);
}

TEST(MediaTypeTest, OnlyUtf8IsJson) {
  EXPECT_TRUE(type_of("application/json").is_utf8_of("application/json"));
  EXPECT_TRUE(type_of("Application/JSON ; Charset=\"UTF-8\"").is_utf8_of("application/json"));
  EXPECT_TRUE(type_of("application/json; a=b;; charset=utf-8").is_utf8_of("application/json"));
  EXPECT_FALSE(type_of("application/json; charset=utf-16").is_utf8_of("application/json"));
  EXPECT_FALSE(
      type_of("application/json; charset=latin1; charset=utf-8").is_utf8_of("application/json"));
  EXPECT_FALSE(type_of("application/jsonx").is_utf8_of("application/json"));
  EXPECT_EQ(type_of("nonsense").essence, "");
  Headers two;
  two.add("Content-Type", "application/json");
  two.add("Content-Type", "application/json");
  EXPECT_EQ(media_type(two).essence, "");
  EXPECT_EQ(media_type(Headers()).essence, "");
}

}  // namespace
}  // namespace daybook::net
