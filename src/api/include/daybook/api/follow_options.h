// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace daybook::api {

// Limits of `GET .../follow`.
struct FollowOptions {
  std::size_t followers_max = 1'000;  // At a time; each costs a connection and some 100 KiB.
  std::chrono::milliseconds comment{15'000};  // Between comments, so that idle streams stay open.
  std::chrono::milliseconds recheck{60'000};  // Between checks that the caller still may.
};

}  // namespace daybook::api
