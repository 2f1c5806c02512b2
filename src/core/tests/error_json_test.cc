// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/error_json.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

TEST(ErrorJson, HasKestrasShape) {
  EXPECT_EQ(error_json({"no", "/2/id", "/api/v1/main/auditlogs", ""}),
            R"({"message":"no","_links":{"self":{"href":"/api/v1/main/auditlogs",)"
            R"("templated":false}},"_embedded":{"errors":[{"message":"no","path":"/2/id"}]}})");
}

TEST(ErrorJson, EscapesWhateverItIsTold) {
  const std::string text = error_json({"a\"b\\c\n\x7F\xFF", "", "/x", "\"count\":1"});
  EXPECT_NE(text.find(R"("a\"b\\c\u000a\u007f?")"), std::string::npos);
  EXPECT_TRUE(text.ends_with(R"(,"count":1})"));
}

}  // namespace
}  // namespace daybook
