// SPDX-License-Identifier: Apache-2.0
#include "id_map.h"

#include <gtest/gtest.h>

namespace daybook::ledger {
namespace {

IdKey key_of(std::uint8_t prefix, std::uint8_t rest) {
  IdKey key{};
  key[0] = prefix;
  key[15] = rest;
  return key;
}

TEST(IdMap, FindsWhatWasInserted) {
  IdMap map;
  for (unsigned n = 0; n < 200; ++n) {
    map.insert(key_of(static_cast<std::uint8_t>(n), 1), EntryIndex(1'000'000'000'000ULL + n));
  }
  EXPECT_EQ(map.size(), 200U);
  EXPECT_EQ(map.candidate(key_of(7, 1)), EntryIndex(1'000'000'000'007ULL));
  EXPECT_EQ(map.candidate(key_of(201, 1)), std::nullopt);
}

// Names made to share the first 8 bytes must not hide one another.
TEST(IdMap, SharedPrefixes) {
  IdMap map;
  map.insert(key_of(5, 1), EntryIndex(10));
  map.insert(key_of(5, 2), EntryIndex(11));
  map.insert(key_of(5, 3), EntryIndex(12));
  EXPECT_EQ(map.candidate(key_of(5, 2)), EntryIndex(10));  // To be confirmed by its stored name.
  EXPECT_EQ(map.same_prefix(key_of(5, 1)), std::nullopt);
  EXPECT_EQ(map.same_prefix(key_of(5, 2)), EntryIndex(11));
  EXPECT_EQ(map.same_prefix(key_of(5, 3)), EntryIndex(12));
  EXPECT_EQ(map.same_prefix(key_of(5, 4)), std::nullopt);
}

}  // namespace
}  // namespace daybook::ledger
