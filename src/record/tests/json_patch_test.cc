// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/json_patch.h"

#include <gtest/gtest.h>

#include "daybook/record_testing/random_event.h"

namespace daybook::record {
namespace {

TEST(JsonPatch, LeadsBothWays) {
  record_testing::RandomEvents random(3);
  for (int round = 0; round < 1000; ++round) {
    const Json before = random.json(4);
    const Json after = random.json(4);
    const PatchPair patches = diff(before, after);
    const Result<Json> forth = apply_patch(before, patches.applied);
    const Result<Json> back = apply_patch(after, patches.revert);
    ASSERT_TRUE(forth.has_value());
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*forth, after);
    EXPECT_EQ(*back, before);
  }
}

TEST(JsonPatch, NothingChangedIsEmpty) {
  const Json value = {{"a", 1}};
  EXPECT_EQ(diff(value, value).applied, Json::array());
  EXPECT_EQ(diff(value, value).revert, Json::array());
}

TEST(JsonPatch, RefusesWhatDoesNotFit) {
  const Json document = {{"a", 1}};
  for (const char* patch :
       {R"([{"op":"remove","path":"/b"}])", R"([{"op":"nonsense","path":"/a"}])",
        R"([{"path":"/a"}])", R"({"op":"remove"})", R"([1])",
        R"([{"op":"test","path":"/a","value":2}])",
        R"([{"op":"add","path":"no slash","value":2}])"}) {
    const Result<Json> result = apply_patch(document, Json::parse(patch));
    ASSERT_FALSE(result.has_value()) << patch;
    EXPECT_EQ(result.error().code, Errc::invalid);
  }
}

}  // namespace
}  // namespace daybook::record
