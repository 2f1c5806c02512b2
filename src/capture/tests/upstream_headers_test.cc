// SPDX-License-Identifier: Apache-2.0
#include "upstream_headers.h"

#include <gtest/gtest.h>

namespace daybook::capture {
namespace {

using Fields = std::vector<net::Headers::Field>;

net::RequestHead request(Fields fields) {
  net::RequestHead head;
  head.method = "PUT";
  head.target = "/api/v1/main/flows/a%2Fb/c?x=1&x=2";
  head.headers.fields() = std::move(fields);
  return head;
}

ForwardOptions from(std::string address) {
  ForwardOptions options;
  options.remote_address = std::move(address);
  return options;
}

TEST(ForwardedRequest, KeepsOrderAndSpellingAndAddsTheForwardedFields) {
  const auto head = request({{"hOsT", "kestra.example.com"},
                             {"X-b", "2"},
                             {"ACCEPT", "*/*"},
                             {"x-B", "3"},
                             {"Connection", "keep-alive, X-Hop"},
                             {"X-Hop", "gone"},
                             {"Keep-Alive", "timeout=5"},
                             {"ttl", "PT5M"}});
  const auto out = forwarded_request(head, from("192.0.2.1"));
  EXPECT_EQ(out.target, head.target);
  EXPECT_EQ(out.headers.fields(), (Fields{{"hOsT", "kestra.example.com"},
                                          {"X-b", "2"},
                                          {"ACCEPT", "*/*"},
                                          {"x-B", "3"},
                                          {"ttl", "PT5M"},
                                          {"X-Forwarded-For", "192.0.2.1"},
                                          {"X-Forwarded-Proto", "http"},
                                          {"X-Forwarded-Host", "kestra.example.com"}}));
}

TEST(ForwardedRequest, LengthensAnExistingChain) {
  const auto out = forwarded_request(request({{"Host", "h"},
                                              {"X-Forwarded-For", "203.0.113.5"},
                                              {"X-Forwarded-Proto", "https"},
                                              {"X-Forwarded-Host", "outer"}}),
                                     from("192.0.2.1"));
  EXPECT_EQ(out.headers.fields(), (Fields{{"Host", "h"},
                                          {"X-Forwarded-For", "203.0.113.5, 192.0.2.1"},
                                          {"X-Forwarded-Proto", "https"},
                                          {"X-Forwarded-Host", "outer"}}));
}

TEST(ForwardedRequest, NothingThatWasUsedTowardsDaybookGoesOn) {
  const auto head = request({{"Host", "h"},
                             {"Authorization", "Bearer secret"},
                             {"authorization", "Basic secret"},
                             {"X-CSRF-Token", "secret"},
                             {"Cookie", "a=1; daybook_session=secret; b=2"},
                             {"Cookie", "daybook_session=secret"}});
  const auto out = forwarded_request(head, from("192.0.2.1"));
  EXPECT_EQ(out.headers.get_all("Cookie"), std::vector<std::string_view>{"a=1; b=2"});
  for (const auto& [name, value] : out.headers.fields()) {
    EXPECT_EQ(value.find("secret"), std::string::npos) << name;
  }
}

TEST(ForwardedRequest, ExactlyOneAuthorizationIfThereIsACredential) {
  const auto head = request({{"Host", "h"}, {"Authorization", "Basic client"}});
  ForwardOptions options = from("192.0.2.1");
  options.authorization = "Basic ours";
  EXPECT_EQ(forwarded_request(head, options).headers.get_all("authorization"),
            std::vector<std::string_view>{"Basic ours"});
  options.keep_authorization = true;
  EXPECT_EQ(forwarded_request(head, options).headers.get_all("authorization"),
            std::vector<std::string_view>{"Basic ours"});
  options.authorization.reset();
  EXPECT_EQ(forwarded_request(head, options).headers.get_all("authorization"),
            std::vector<std::string_view>{"Basic client"});
}

TEST(ForwardedAnswer, OnlyHopByHopFieldsAreMissing) {
  net::ResponseHead head;
  head.status = 422;
  head.reason = "Illegal argument";
  head.headers.fields() = {{"date", "now"},         {"content-length", "2"},
                           {"Connection", "close"}, {"Set-Cookie", "a=1"},
                           {"set-cookie", "b=2"},   {"Transfer-Encoding", "chunked"}};
  const auto out = forwarded_answer(head);
  EXPECT_EQ(out.status, 422U);
  EXPECT_EQ(out.reason, "Illegal argument");
  EXPECT_EQ(
      out.headers.fields(),
      (Fields{
          {"date", "now"}, {"content-length", "2"}, {"Set-Cookie", "a=1"}, {"set-cookie", "b=2"}}));
}

TEST(WithoutDaybookCookie, OtherCookiesStay) {
  EXPECT_EQ(without_daybook_cookie("a=1;b=2"), "a=1;b=2");
  EXPECT_EQ(without_daybook_cookie("daybook_session=x"), "");
  EXPECT_EQ(without_daybook_cookie("daybook_session=x; a=1"), "a=1");
  EXPECT_EQ(without_daybook_cookie("daybook_sessions=x"), "daybook_sessions=x");
  EXPECT_EQ(without_daybook_cookie("a=1; daybook_session=x;"), "a=1");
}

}  // namespace
}  // namespace daybook::capture
