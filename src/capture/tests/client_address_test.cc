// SPDX-License-Identifier: Apache-2.0
#include "client_address.h"

#include <gtest/gtest.h>

namespace daybook::capture {
namespace {

const net::Networks kProxies = net::Networks::parse({"10.0.0.0/8", "2001:db8:1::/48"}).value();

std::string address(std::initializer_list<net::Headers::Field> fields,
                    const std::string& peer = "10.0.0.1") {
  net::Headers headers;
  for (const auto& [name, value] : fields) {
    headers.add(name, value);
  }
  return client_address(kProxies, headers, peer);
}

TEST(ClientAddress, OnlyTrustedProxiesAreBelieved) {
  EXPECT_EQ(address({{"X-Forwarded-For", "203.0.113.9"}}, "192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address({{"X-Forwarded-For", "203.0.113.9"}}), "203.0.113.9");
  EXPECT_EQ(address({}), "10.0.0.1");
}

TEST(ClientAddress, TheFirstOneNoProxyOfOursNamedCounts) {
  // The client put 1.1.1.1 there itself.
  EXPECT_EQ(address({{"X-Forwarded-For", "1.1.1.1, 203.0.113.9, 10.1.1.1"}}), "203.0.113.9");
  EXPECT_EQ(address({{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "203.0.113.9,10.2.2.2"}}),
            "203.0.113.9");
  EXPECT_EQ(address({{"X-Forwarded-For", "10.3.3.3, 10.2.2.2"}}), "10.3.3.3");
}

TEST(ClientAddress, NothingBeforeAHopThatIsNoAddressCounts) {
  EXPECT_EQ(address({{"X-Forwarded-For", "203.0.113.9, unknown, 10.2.2.2"}}), "10.2.2.2");
  EXPECT_EQ(address({{"X-Forwarded-For", "evil\"><script>"}}), "10.0.0.1");
  EXPECT_EQ(address({{"X-Forwarded-For", ""}}), "10.0.0.1");
}

TEST(ClientAddress, ForwardedIsReadWhereTheOtherIsAbsent) {
  EXPECT_EQ(address({{"Forwarded", "for=203.0.113.9;proto=https, For=\"[2001:db8:1::7]:443\""}}),
            "203.0.113.9");
  EXPECT_EQ(address({{"Forwarded", "proto=https;for=\"[2001:db8:2::7]\""}}), "2001:db8:2::7");
  EXPECT_EQ(address({{"Forwarded", "for=_hidden"}}), "10.0.0.1");
  EXPECT_EQ(address({{"Forwarded", "for=1.1.1.1"}, {"X-Forwarded-For", "203.0.113.9:1234"}}),
            "203.0.113.9");
}

}  // namespace
}  // namespace daybook::capture
