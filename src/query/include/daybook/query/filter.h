// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
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
  regex,
};

class Regex;  // regex.h

// One condition. `key` only for Field::detail. Dates are in `time`; everything else in `values`, of
// which one has to fit (not_equals, not_in: none may). An entry without the field fits only those
// two. prefix = the value itself or anything below it after a dot. regex: `regex` is `values[0]`
// compiled (RE2, unanchored).
struct Clause {
  Field field = Field::id;
  Op op = Op::equals;
  std::string key;
  std::vector<std::string> values;
  UnixMillis time = 0;
  std::shared_ptr<const Regex> regex = {};

  // Whether both ask the same.
  friend bool operator==(const Clause& a, const Clause& b) {
    return a.field == b.field && a.op == b.op && a.key == b.key && a.values == b.values &&
           a.time == b.time;
  }
};

// Holds if every clause of at least one alternative does. Never empty, nor is an alternative.
struct AnyOf {
  std::vector<std::vector<Clause>> alternatives;
  friend bool operator==(const AnyOf&, const AnyOf&) = default;
};

// Everything of it holds. Groups nest one level, as in Kestra's query language: and(x, or(y, z)),
// or(x, and(y, z)).
//
// `bounds` are the limits of whoever asks (tenant, namespace, submitter), set by daybook: they hold
// as the others do, but no request makes them, nothing prints them, and a facet that ignores the
// conditions on its own field never ignores them.
struct Filter {
  std::vector<Clause> all;
  std::vector<AnyOf> any = {};
  std::vector<Clause> bounds = {};
  friend bool operator==(const Filter&, const Filter&) = default;
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

// The filter part alone, of the same two forms; any other parameter is refused.
Result<Filter> parse_filter(const Params& params, UnixMillis now);
// The same for a filter that is kept: nothing if it asks for a time relative to now.
Result<std::optional<Filter>> parse_fixed_filter(const Params& params);

// A filter as the parameters that parse to it, `filters[...]` all; for any filter that parsing can
// give, parse_filter(filter_params(f)) == f. Bounds, and conditions on tenant and submitter, which
// no request can make, are left out.
[[nodiscard]] Params filter_params(const Filter& filter);
// The same as a query string, percent-encoded.
[[nodiscard]] std::string print_filter(const Filter& filter);

// The reference that every backend must agree with. Adds the default kinds (event, outcome) itself
// unless a clause, wherever it stands, names `kind`.
[[nodiscard]] bool matches(const Filter& filter, const record::Event& event);
[[nodiscard]] bool names_kind(const Filter& filter);
// Whether any condition of a request is one of these; its bounds are not looked at.
[[nodiscard]] bool has_clause(const Filter& filter, bool (*is_it)(const Clause&));
// Whether the actor part decides it: it asks who somebody is.
[[nodiscard]] bool reads_actor(const Clause& clause);

}  // namespace daybook::query
