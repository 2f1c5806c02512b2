// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/core/ids.h"
#include "daybook/crypto/sha256.h"

namespace daybook::ledger::testing {

// tests/data/tlog/vectors.json: made by other implementations of the public specifications.
inline const nlohmann::json& vectors() {
  static const nlohmann::json loaded = [] {
    std::ifstream file(std::string(DAYBOOK_TEST_DATA) + "/tlog/vectors.json");
    return nlohmann::json::parse(file);
  }();
  return loaded;
}

inline Hash hash_of_base64(const std::string& text) {
  const auto bytes = from_base64(text);
  Hash hash{};
  EXPECT_TRUE(bytes.has_value() && bytes->size() == hash.size()) << text;
  if (bytes && bytes->size() == hash.size()) std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

inline std::vector<Hash> hashes_of(const nlohmann::json& list) {
  std::vector<Hash> hashes;
  for (const auto& text : list) hashes.push_back(hash_of_base64(text.get<std::string>()));
  return hashes;
}

// Leaf i of every tree of the vectors.
inline std::string leaf_text(std::uint64_t index) {
  return "daybook leaf " + std::to_string(index);
}

inline Hash leaf_hash_of(std::string_view data) {
  return crypto::Sha256().update(std::uint8_t{0}).update(data).finish();
}

}  // namespace daybook::ledger::testing
