// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <charconv>
#include <cstdint>

#include "text.h"

namespace daybook::kestra {

std::optional<Json> request_value(const Source& source, std::span<const std::string_view> segments,
                                  std::string_view query) {
  switch (source.from) {
    case Source::From::literal:
      return Json(source.name);
    case Source::From::path:
      if (source.index >= segments.size()) return std::nullopt;
      return Json(decoded_or_raw(segments[source.index], false));
    case Source::From::query:
      if (const auto raw = raw_parameter(query, source.name); raw && !raw->empty()) {
        return Json(decoded_or_raw(*raw, true));
      }
      return std::nullopt;
    case Source::From::body:
    case Source::From::response:
    case Source::From::previous:
      break;
  }
  return std::nullopt;
}

std::string cut_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end));
}

void put_value(Json& detail, const std::string& key, Json value) {
  if (value.is_null() || value.is_structured()) return;
  if (key == "revision") {
    if (value.is_string()) {
      const auto& digits = value.get_ref<const std::string&>();
      std::int64_t number = 0;
      const auto [end, failed] =
          std::from_chars(digits.data(), digits.data() + digits.size(), number);
      if (failed != std::errc() || end != digits.data() + digits.size()) return;
      value = number;
    }
    if (!value.is_number_integer()) return;
    constexpr std::int64_t kSafeMax = (1LL << 53) - 1;
    if (value > kSafeMax || value < -kSafeMax) return;
  } else if (value.is_string()) {
    if (value.get_ref<const std::string&>().empty()) return;
    value = cut_text(value.get_ref<const std::string&>(), kDetailValueMax);
  }
  detail[key] = std::move(value);
}

}  // namespace daybook::kestra
