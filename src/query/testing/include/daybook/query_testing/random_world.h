// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/query/aggregate.h"
#include "daybook/query/filter.h"
#include "daybook/record/event.h"

namespace daybook::query {

// What `filters[name][OPERATOR]` may be, written down from the API contract by hand, so that it
// does not follow the implementation into a mistake.
struct FieldRule {
  std::string_view name;
  Field field;
  std::vector<std::string_view> operators;
};
[[nodiscard]] std::span<const FieldRule> field_rules();
[[nodiscard]] std::span<const std::string_view> all_operators();

// Small worlds with many collisions: few values a field, missing fields, equal dates, ids reused
// over tenants; and requests that ask for just those values.
class RandomWorld {
 public:
  using Strings = std::vector<std::string>;
  static constexpr UnixMillis kStart = 1'700'000'000'000;
  static constexpr UnixMillis kNow = kStart + 600;

  explicit RandomWorld(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
  const std::string& pick(const Strings& from) { return from[below(from.size())]; }

  record::Event event();

  // Parameters that filter, every form that is supported: they parse.
  Params request();
  // A valid value for a rule.
  std::string value(const FieldRule& rule, std::string_view op, const std::string& key);
  // Any condition a backend can be given, also those that daybook alone makes.
  Clause clause();

 private:
  record::OptionalText maybe(std::uint64_t missing_one_in, std::string value) {
    return one_in(missing_one_in) ? record::OptionalText() : record::OptionalText(std::move(value));
  }
  void fill_detail(record::Event& out);
  std::string one_value(Field field, const std::string& key);
  std::string clause_key();
  std::string a_date();
  void add_condition(const std::string& place, Params& out);
  void add_group(Params& out);
  void add_flat(Params& out);

  std::mt19937_64 random_;
  std::uint64_t next_id_ = 0;
  std::set<std::string> ids_;
};

}  // namespace daybook::query
