// SPDX-License-Identifier: Apache-2.0
#include "members.h"

#include <algorithm>

#include "daybook/core/bytes.h"

namespace daybook::evidence {
namespace {

using record::Json;

Error malformed(std::string_view name, std::string_view what) {
  return Error{Errc::invalid, std::string(name) + " " + std::string(what)};
}

bool is_among(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Status expect_members(const Json& value, std::string_view what,
                      std::initializer_list<std::string_view> required,
                      std::initializer_list<std::string_view> optional) {
  if (!value.is_object()) return malformed(what, "is not an object");
  for (const std::string_view name : required) {
    if (!value.contains(name)) return malformed(what, "lacks " + std::string(name));
  }
  for (const auto& [name, member] : value.items()) {
    if (!is_among(name, required) && !is_among(name, optional)) {
      return malformed(what, "has the unknown member " + name);
    }
  }
  return {};
}

Result<std::string> text_member(const Json& object, std::string_view name) {
  const Json& value = object.at(name);
  if (!value.is_string()) return malformed(name, "is not a string");
  return value.get<std::string>();
}

Result<std::uint64_t> number_member(const Json& object, std::string_view name) {
  const Json& value = object.at(name);
  if (!value.is_number_unsigned()) return malformed(name, "is not a whole number");
  return value.get<std::uint64_t>();
}

Result<bool> bool_member(const Json& object, std::string_view name) {
  const Json& value = object.at(name);
  if (!value.is_boolean()) return malformed(name, "is neither true nor false");
  return value.get<bool>();
}

Result<std::vector<std::string>> texts_member(const Json& object, std::string_view name) {
  const Json& value = object.at(name);
  const bool texts =
      value.is_array() &&
      std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
  if (!texts) return malformed(name, "is not an array of strings");
  return value.get<std::vector<std::string>>();
}

Result<Hash> hex_hash_member(const Json& object, std::string_view name) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::string text, text_member(object, name));
  const Result<Hash> hash = hash_from_hex(text);
  if (!hash) return malformed(name, "is not 64 lower-case hex digits");
  return *hash;
}

Result<std::vector<Hash>> hashes_member(const Json& object, std::string_view name) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::vector<std::string> texts, texts_member(object, name));
  std::vector<Hash> out;
  for (const std::string& text : texts) {
    const Result<Bytes> bytes = from_base64(text);
    Hash hash{};
    if (!bytes || bytes->size() != hash.size()) {
      return malformed(name, "holds something that is not base64 of 32 bytes");
    }
    std::copy(bytes->begin(), bytes->end(), hash.begin());
    out.push_back(hash);
  }
  return out;
}

}  // namespace daybook::evidence
