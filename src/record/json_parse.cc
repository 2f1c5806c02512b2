// SPDX-License-Identifier: Apache-2.0
#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/result.h"
#include "daybook/record/json.h"

#include "json_reader.h"

namespace daybook::record {
namespace {

// simdjson keeps about 14 bytes of working memory for each byte of text, for the life of the
// thread.
constexpr std::size_t kFastBytesMax = std::size_t{2} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

namespace dom = simdjson::dom;

// Turns simdjson's tape into our value and applies the rules simdjson does not have. Absent means
// refused; the slow reader then says where and why.
class Converter {
 public:
  Converter(const JsonLimits& limits, bool check_strings)
      : limits_(limits), check_strings_(check_strings) {}

  std::optional<Json> convert(dom::element element, std::size_t depth) {
    switch (element.type()) {
      case dom::element_type::OBJECT:
        return object(element.get_object().value_unsafe(), depth);
      case dom::element_type::ARRAY:
        return array(element.get_array().value_unsafe(), depth);
      case dom::element_type::STRING:
        return string(element.get_string().value_unsafe());
      case dom::element_type::INT64:
        return integer(element.get_int64().value_unsafe());
      case dom::element_type::UINT64:  // Only values above INT64_MAX have this type.
        return std::nullopt;
      case dom::element_type::DOUBLE:
        return Json(element.get_double().value_unsafe());
      case dom::element_type::BOOL:
        return Json(element.get_bool().value_unsafe());
      case dom::element_type::NULL_VALUE:
        return Json(nullptr);
    }
    return std::nullopt;
  }

 private:
  std::optional<Json> object(dom::object members, std::size_t depth) {
    if (depth >= limits_.depth_max) {
      return std::nullopt;
    }
    Json::object_t out;
    for (const auto& [name, value] : members) {
      std::optional<Json> converted = convert(value, depth + 1);
      if (!converted || !well_formed(name)) {
        return std::nullopt;
      }
      if (!out.try_emplace(std::string(name), *std::move(converted)).second) {
        return std::nullopt;
      }
    }
    return Json(std::move(out));
  }

  std::optional<Json> array(dom::array items, std::size_t depth) {
    if (depth >= limits_.depth_max) {
      return std::nullopt;
    }
    Json::array_t out;
    out.reserve(items.size());
    for (const dom::element item : items) {
      std::optional<Json> converted = convert(item, depth + 1);
      if (!converted) {
        return std::nullopt;
      }
      out.push_back(*std::move(converted));
    }
    return Json(std::move(out));
  }

  std::optional<Json> string(std::string_view text) const {
    if (!well_formed(text)) {
      return std::nullopt;
    }
    return Json(std::string(text));
  }

  static std::optional<Json> integer(std::int64_t value) {
    if (value < -kIntegerMax || value > kIntegerMax) {
      return std::nullopt;
    }
    if (value >= 0) {
      return Json(static_cast<std::uint64_t>(value));  // The type nlohmann's own parser gives.
    }
    return Json(value);
  }

  // Escapes can spell lone surrogates, which some simdjson versions let through.
  [[nodiscard]] bool well_formed(std::string_view text) const {
    return !check_strings_ || simdjson::validate_utf8(text.data(), text.size());
  }

  JsonLimits limits_;
  bool check_strings_;
};

std::optional<Json> read_fast(std::string_view text, const JsonLimits& limits) {
  thread_local dom::parser parser(kFastBytesMax);
  const auto parsed = parser.parse(text.data(), text.size());
  if (parsed.error() != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const bool escapes = text.find("\\u") != std::string_view::npos;
  return Converter(limits, escapes).convert(parsed.value_unsafe(), 0);
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.starts_with(kByteOrderMark)) {
    return Error{Errc::invalid, "byte order mark at byte 0", {}, 0};
  }
  if (!text.empty() && text.size() <= kFastBytesMax) {
    if (std::optional<Json> value = read_fast(text, limits)) {
      return *std::move(value);
    }
  }
  return read_tokens(text, limits);
}

}  // namespace daybook::record
