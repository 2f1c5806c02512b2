// SPDX-License-Identifier: Apache-2.0
#include "daybook/kestra/plain_path.h"

#include <gtest/gtest.h>

namespace daybook::kestra {
namespace {

TEST(PlainPath, TakesWhatEverybodyReadsAlike) {
  for (const char* path : {"/", "/ping", "/api/v1/main/flows/a.b/c", "/api/v1/main/flows/",
                           "/a/..b/c..", "/api/v1/flows/a%20b/%C3%A4"}) {
    EXPECT_TRUE(is_plain_path(path)) << path;
  }
}

TEST(PlainPath, RefusesWhatSomebodyMayNormalise) {
  for (const char* path :
       {"", "ping", "//", "/a//b", "/a/b//", "/a/../b", "/a/.", "/./a", "/a/%2e%2E/b", "/a/%2e",
        "/a/.%2e/b", "/a/x%2Fy", "/a/..%2f..%2fb", "/a/x%5cy", "/a/x\\y", "/a;v=1/b", "/a%3bv/b"}) {
    EXPECT_FALSE(is_plain_path(path)) << path;
  }
}

}  // namespace
}  // namespace daybook::kestra
