// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "answer.h"
#include "call.h"

namespace daybook::api {

// The query parameters of operations that have no filters. An unknown or repeated one is refused by
// name.
class Parameters {
 public:
  static Answer<Parameters> read(const query::Params& params,
                                 std::initializer_list<std::string_view> known);

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  // A decimal number within the bounds, without leading zeros, or the absent value.
  [[nodiscard]] Answer<std::optional<std::uint64_t>> number(std::string_view name,
                                                            std::uint64_t min,
                                                            std::uint64_t max) const;
  // One of the given words; the first if absent.
  [[nodiscard]] Answer<std::string> word(std::string_view name,
                                         std::initializer_list<std::string_view> words) const;

 private:
  explicit Parameters(const query::Params& params) : params_(&params) {}
  const query::Params* params_;
};

}  // namespace daybook::api
