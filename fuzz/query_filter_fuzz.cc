// SPDX-License-Identifier: Apache-2.0
//
// Any query string: it is refused with a name or gives a search whose filter can be run on any
// event, and printed so that it parses to itself; counting likewise.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/check.h"
#include "daybook/core/percent.h"
#include "daybook/query/aggregate.h"
#include "daybook/query/filter.h"

namespace {

using daybook::query::Endpoint;
using daybook::query::Filter;
using daybook::query::Params;

constexpr daybook::UnixMillis kNow = 1'700'000'000'000;

daybook::record::Event sample() {
  daybook::record::Event event;
  event.id = "a";
  event.action = "UPDATE";
  event.resource = "KVSTORE";
  event.detail = {{"namespace", "company.team"}, {"revision", 2}, {"list", {1, "x"}}};
  event.actor.user_id = "jane";
  return event;
}

// What a request can have at most.
void check_bounds(const Filter& filter) {
  std::size_t clauses = filter.all.size();
  for (const auto& group : filter.any) {
    DAYBOOK_CHECK(group.alternatives.size() > 1);
    for (const auto& alternative : group.alternatives) {
      DAYBOOK_CHECK(!alternative.empty());
      clauses += alternative.size();
    }
  }
  DAYBOOK_CHECK(clauses <= 200 && filter.bounds.empty());
}

void check_filter(const Filter& filter) {
  static const auto kEvent = sample();
  check_bounds(filter);
  const auto printed = print_filter(filter);
  const auto again = daybook::query::parse_filter(daybook::parse_query(printed), kNow + 1);
  DAYBOOK_CHECK(again);
  DAYBOOK_CHECK(*again == filter);
  DAYBOOK_CHECK(matches(*again, kEvent) == matches(filter, kEvent));
}

template <class T>
void check_refusal(const daybook::Result<T>& refused, const Params& params) {
  DAYBOOK_CHECK(refused.error().code == daybook::Errc::invalid);
  DAYBOOK_CHECK(!params.empty());
}

void try_search(const Params& params, Endpoint endpoint) {
  const auto search = daybook::query::parse_search(params, endpoint, kNow);
  if (!search) return check_refusal(search, params);
  DAYBOOK_CHECK(search->size >= 1 && search->size <= 1000 && search->page >= 1);
  check_filter(search->filter);
}

void try_aggregate(const Params& params) {
  const auto request = daybook::query::parse_aggregate(params, kNow);
  if (!request) return check_refusal(request, params);
  check_filter(request->filter);
  if (request->interval.unit == daybook::query::Interval::Unit::none) return;
  constexpr daybook::UnixMillis kSpan = 3'600'000;
  const auto buckets =
      daybook::query::make_buckets(request->interval, request->time_zone, kNow, kNow + kSpan);
  if (!buckets) return check_refusal(buckets, params);
  DAYBOOK_CHECK(buckets->bounds.front() <= kNow && buckets->bounds.back() > kNow + kSpan);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto params = daybook::parse_query({reinterpret_cast<const char*>(data), size});
  try_search(params, Endpoint::search);
  try_search(params, Endpoint::export_);
  try_aggregate(params);
  return 0;
}
