// SPDX-License-Identifier: Apache-2.0
#include "sign_in_page.h"

#include <gtest/gtest.h>

#include "gateway_rig.h"

namespace daybook::capture {
namespace {

using testing::GatewayRig;

net::RequestHead head_with(std::initializer_list<net::Headers::Field> fields) {
  net::RequestHead head;
  head.method = "POST";
  head.target = "/";
  for (const auto& [name, value] : fields) {
    head.headers.add(name, value);
  }
  return head;
}

TEST(SignInPage, LeadsNowhereElse) {
  EXPECT_EQ(local_target("/ui/flows?a=b"), "/ui/flows?a=b");
  for (const char* elsewhere : {"", "ui", "//evil.example", "/\\evil.example",
                                "https://evil.example", "/a b", "/a\r\nSet-Cookie: x"}) {
    EXPECT_EQ(local_target(elsewhere), "/") << elsewhere;
  }
}

TEST(SignInPage, OnlyAPageOfThisOriginIsVouchedFor) {
  EXPECT_TRUE(is_same_origin(head_with({{"Sec-Fetch-Site", "same-origin"}})));
  EXPECT_FALSE(is_same_origin(head_with({{"Sec-Fetch-Site", "same-site"}})));
  EXPECT_FALSE(is_same_origin(
      head_with({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://h"}, {"Host", "h"}})));
  EXPECT_TRUE(is_same_origin(head_with({{"Origin", "https://h:8"}, {"Host", "H:8"}})));
  EXPECT_FALSE(is_same_origin(head_with({{"Origin", "https://h:9"}, {"Host", "h:8"}})));
  EXPECT_FALSE(is_same_origin(head_with({{"Origin", "null"}, {"Host", "null"}})));
  EXPECT_FALSE(is_same_origin(head_with({{"Host", "h"}})));
}

TEST(SignInPage, BrowsersAreSentThereOnlyIfAsked) {
  const std::string navigation = "Sec-Fetch-Mode: navigate\r\nAccept: text/html\r\n";
  const auto open = [&](GatewayRig& rig, const std::string& fields) {
    return testing::fetch(rig.address(), testing::make_request("GET", "/ui/x?a=1", fields, ""));
  };
  GatewayRig basic;
  EXPECT_EQ(open(basic, navigation).status, 401);
  GatewayOptions options;
  options.sign_in_page = true;
  GatewayRig rig(options);
  const auto sent = open(rig, navigation);
  EXPECT_EQ(sent.status, 303);
  EXPECT_EQ(sent.field("Location"), "/daybook/signin?to=%2Fui%2Fx%3Fa%3D1");
  EXPECT_EQ(open(rig, "").status, 401);  // A program is told what it expects.
  const auto form = testing::fetch(
      rig.address(), testing::make_request("GET", "/daybook/signin?to=%22%3E%3Cb%3E", "", ""));
  EXPECT_EQ(form.status, 200);
  EXPECT_EQ(form.body.find("<b>"), std::string::npos);
  EXPECT_TRUE(rig.kestra.seen().empty());
}

TEST(SignInPage, FormsOfOtherSitesAreRefused) {
  GatewayRig rig;
  const auto post = [&rig](const std::string& fields) {
    return testing::fetch(
        rig.address(),
        testing::make_request("POST", "/daybook/signin",
                              "Content-Type: application/x-www-form-urlencoded\r\n" + fields,
                              "username=a&password=b&to=%2F"));
  };
  EXPECT_EQ(post("Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(post("").status, 401);  // The fake knows nobody by name.
  EXPECT_EQ(
      testing::fetch(rig.address(), testing::make_request("POST", "/daybook/signin", "", "{}"))
          .status,
      415);
  EXPECT_EQ(
      testing::fetch(rig.address(), testing::make_request("DELETE", "/daybook/signin", "", ""))
          .status,
      405);
  EXPECT_TRUE(rig.kestra.seen().empty());
}

}  // namespace
}  // namespace daybook::capture
