// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "bodies.h"
#include "zip.h"

namespace daybook::kestra {
namespace {

// One file, `a.yml`, stored.
std::string archive() {
  const std::string stored = "id: a\n";
  std::string out;
  const auto put = [&out](std::initializer_list<int> bytes) {
    for (const int byte : bytes) out.push_back(static_cast<char>(byte));
  };
  out += std::string("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0", 14);
  put({0, 0, 0, 0, 6, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0});
  out += "a.yml" + stored;
  const std::size_t directory = out.size();
  out += std::string("PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0", 16);
  put({0, 0, 0, 0, 6, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  out += "a.yml";
  const std::size_t size = out.size() - directory;
  out += std::string("PK\x05\x06\0\0\0\0\x01\0\x01\0", 12);
  put({static_cast<int>(size), 0, 0, 0, static_cast<int>(directory), 0, 0, 0, 0, 0});
  return out;
}

TEST(Zip, StoredFile) {
  const std::string bytes = archive();
  EXPECT_TRUE(is_zip(bytes));
  EXPECT_EQ(unzip(bytes), std::vector<std::string>{"id: a\n"});
  EXPECT_TRUE(unzip("PK\x03\x04").empty());
  EXPECT_FALSE(is_zip("id: a\n"));
}

TEST(Zip, AnyDamageIsBounded) {
  const std::string bytes = archive();
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = bytes.substr(0, random() % (bytes.size() + 1));
    for (int k = 0; k < 3 && !damaged.empty(); ++k) {
      damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
    }
    std::size_t total = 0;
    for (const auto& file : unzip(damaged)) total += file.size();
    EXPECT_LE(total, kZipBytesMax);
  }
}

TEST(Form, Parts) {
  const auto parts = parse_form(
      "Multipart/Form-Data; charset=x; boundary=\"a b\"",
      "preamble\r\n--a b\r\nContent-Disposition: form-data; filename=\"f.yml\"; name=\"x\"\r\n"
      "Content-Type: text/plain\r\n\r\none\r\ntwo\r\n--a b\r\ncontent-disposition: form-data; "
      "name=y\r\n\r\n\r\n--a b--\r\nepilogue");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].name, "x");
  EXPECT_EQ(parts[0].file_name, "f.yml");
  EXPECT_EQ(parts[0].content, "one\r\ntwo");
  EXPECT_EQ(parts[1].name, "y");
  EXPECT_EQ(parts[1].content, "");
  EXPECT_TRUE(parse_form("multipart/form-data", "--x\r\n").empty());
  EXPECT_TRUE(parse_form("text/plain; boundary=x", "--x\r\n\r\n\r\n--x--").empty());
}

TEST(Yaml, DocumentsAndTopLevel) {
  const auto documents = split_yaml("---\nid: a\n--- # next\nid: b\nx: |\n  ---\n---\n\n");
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(yaml_top_level(documents[0], "id"), "a");
  EXPECT_EQ(yaml_top_level(documents[1], "id"), "b");
  EXPECT_EQ(yaml_top_level("idx: 1\n id: nested\nid: 'x' # c\r\n", "id"), "x");
  EXPECT_EQ(yaml_top_level("id: \"a\\tb\"\n", "id"), "a\tb");
  EXPECT_EQ(yaml_top_level("{\"id\": \"j\"}", "id"), "j");
  EXPECT_FALSE(yaml_top_level("id: [a]\n", "id"));
  EXPECT_FALSE(yaml_top_level("tasks:\n  id: x\n", "id"));
}

}  // namespace
}  // namespace daybook::kestra
