// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daybook/kestra/rules.h"

#include "rule.h"

namespace daybook::kestra {

// Values of a detail longer than this are cut (bytes, on a character boundary).
inline constexpr std::size_t kDetailValueMax = 1024;

// Value that path or query of a request tell for one source of a rule; nullopt for other sources.
[[nodiscard]] std::optional<Json> request_value(const Source& source,
                                                std::span<const std::string_view> segments,
                                                std::string_view query);

// Sets `detail[key]`: texts are cut, `revision` becomes a number (a text that is none is left out),
// empty texts, objects and arrays are left out.
void put_value(Json& detail, const std::string& key, Json value);

// Cuts a text to at most `bytes_max` bytes without breaking a character.
[[nodiscard]] std::string cut_text(std::string_view text, std::size_t bytes_max);

}  // namespace daybook::kestra
