// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/networks.h"

#include <gtest/gtest.h>

namespace daybook::net {
namespace {

TEST(NetworksTest, ContainsWhatTheirPrefixesSay) {
  const auto networks =
      Networks::parse({"10.0.0.0/8", "192.0.2.7", "172.16.128.0/17", "2001:db8::/33", "::1"});
  ASSERT_TRUE(networks) << networks.error().context;
  for (const char* inside :
       {"10.0.0.0", "10.255.255.255", "192.0.2.7", "172.16.128.0", "172.16.255.255", "2001:db8::1",
        "2001:db8:7fff::", "::1", "::ffff:10.1.2.3"}) {
    EXPECT_TRUE(networks->contains(inside)) << inside;
  }
  for (const char* outside :
       {"11.0.0.0", "9.255.255.255", "192.0.2.8", "172.16.127.255", "2001:db8:8000::", "::2",
        "::10.1.2.3", "", "10.0.0", "10.0.0.1 ", "[::1]", "localhost", "10.0.0.1:80"}) {
    EXPECT_FALSE(networks->contains(outside)) << outside;
  }
}

TEST(NetworksTest, EverythingAndNothing) {
  EXPECT_TRUE(Networks::parse({"0.0.0.0/0"})->contains("203.0.113.9"));
  EXPECT_FALSE(Networks::parse({"0.0.0.0/0"})->contains("2001:db8::1"));
  EXPECT_TRUE(Networks::parse({"::/0"})->contains("2001:db8::1"));
  EXPECT_FALSE(Networks().contains("127.0.0.1"));
}

TEST(NetworksTest, WhatIsNoNetworkIsRefused) {
  for (const char* bad : {"", "/8", "10.0.0.0/33", "10.0.0.1/8", "2001:db8::/129", "10/8", "a/8",
                          "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/8/8", "::1/127"}) {
    EXPECT_EQ(Networks::parse({bad}).error().code, Errc::invalid) << bad;
  }
}

TEST(NetworksTest, PlainAddresses) {
  EXPECT_EQ(plain_address("::FFFF:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(plain_address("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(plain_address("10.0.0.256"), "");
}

}  // namespace
}  // namespace daybook::net
