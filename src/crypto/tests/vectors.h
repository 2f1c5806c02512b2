// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"

namespace daybook::crypto {

// tests/data/tlog/vectors.json, made by the Go libraries of the transparency-log world.
inline const nlohmann::json& vectors() {
  static const nlohmann::json document = [] {
    std::ifstream file(DAYBOOK_TEST_DATA "/tlog/vectors.json");
    EXPECT_TRUE(file.good());
    return nlohmann::json::parse(file);
  }();
  return document;
}

inline std::string text_of(const nlohmann::json& object, const char* member) {
  return object.at(member).get<std::string>();
}

// A hex member of `object`, in the array type the API wants.
template <class Array>
Array array_of(const nlohmann::json& object, const char* member) {
  const Bytes bytes = from_hex(text_of(object, member)).value();
  Array out{};
  EXPECT_EQ(bytes.size(), out.size());
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}

}  // namespace daybook::crypto
