// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/record/event.h"

namespace daybook::query {

enum class Field : std::uint8_t {
  namespace_,
  flow_id,
  execution_id,
  user_id,
  username,
  id,
  resource,
  action,
  detail,
  date,
  kind,
  attempt_id,
  result,
  actor_kind,
  source,
  ip_address,
  tenant_id,
  submitter_id,
  q,
};
enum class Op : std::uint8_t {
  equals,
  not_equals,
  in,
  not_in,
  prefix,
  greater_or_equal,
  less_or_equal,
  greater,
  less,
  contains,
  starts_with,
  ends_with,
};

// One condition. `key` only for Field::detail. Dates are in `time`; everything else in `values`, of
// which one has to fit (not_equals, not_in: none may). An entry without the field fits only those
// two. prefix = the value itself or anything below it after a dot.
struct Clause {
  Field field = Field::id;
  Op op = Op::equals;
  std::string key;
  std::vector<std::string> values;
  UnixMillis time = 0;
};

// All clauses hold. (Groups come with the query-language issue.)
struct Filter {
  std::vector<Clause> all;
};

struct Sort {
  enum class By : std::uint8_t { date, action, user_id, id, resource } by = By::date;
  bool descending = true;
};

// A parsed search or export request.
struct Search {
  Filter filter;
  std::vector<Sort> sort;  // Empty: date descending, ties by index descending.
  std::uint64_t page = 1;
  std::uint64_t size = 10;
  std::optional<TreeSize> tree_size;  // Entries with index < it only.
  std::optional<EntryIndex> before;   // Keyset paging, instead of page and sort.
  std::optional<EntryIndex> after;
  bool expand = false;         // expand=daybook
  std::string format = "csv";  // export only
};

using Params = std::vector<std::pair<std::string, std::string>>;  // Decoded query string, in order.
enum class Endpoint : std::uint8_t { search, export_ };

// Flat and `filters[field][OP]` forms together (AND). Errc::invalid with `path` = the parameter as
// sent; the text names field and operator and lists the known ones.
Result<Search> parse_search(const Params& params, Endpoint endpoint, UnixMillis now);

// The reference that every backend must agree with. Adds the default kinds (event, outcome) itself
// unless a clause names `kind`.
[[nodiscard]] bool matches(const Filter& filter, const record::Event& event);
[[nodiscard]] bool names_kind(const Filter& filter);

}  // namespace daybook::query
