// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <gtest/gtest.h>

namespace daybook::kestra {
namespace {

TEST(Text, WhatCannotBeDecodedIsShownAsItCame) {
  EXPECT_EQ(decoded_or_raw("a%20b+c", true), "a b c");
  for (const char* broken : {"%", "%1", "a%f", "%ff", "%ED%A0%80"}) {
    EXPECT_EQ(decoded_or_raw(broken, false), broken);
  }
  EXPECT_EQ(decoded_or_raw("%zz", false), "%zz");
  EXPECT_EQ(decoded_or_raw("\xFFx", false), "?x");
}

TEST(Text, Queries) {
  const auto parameters = split_query("&a=1&&b&c=&=x&a=2=3&%61+=4&");
  ASSERT_EQ(parameters.size(), 6U);
  EXPECT_EQ(parameters[0].name, "a");
  EXPECT_EQ(parameters[1].name, "b");
  EXPECT_EQ(parameters[1].raw_value, "");
  EXPECT_EQ(parameters[3].name, "");
  EXPECT_EQ(parameters[4].raw_value, "2=3");
  EXPECT_EQ(parameters[5].name, "a ");
  EXPECT_EQ(raw_parameter("x=0&%61=1&a=2", "a"), "1");
  EXPECT_EQ(raw_parameter("b&a", "a"), "");
  EXPECT_FALSE(raw_parameter("b=a", "a"));
  EXPECT_FALSE(raw_parameter("", "a"));
}

TEST(Text, TrimAndReplace) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  std::string text = "aXbX";
  replace_all(text, "X", "XX");
  EXPECT_EQ(text, "aXXbXX");
  replace_all(text, "", "y");
  EXPECT_EQ(text, "aXXbXX");
}

}  // namespace
}  // namespace daybook::kestra
