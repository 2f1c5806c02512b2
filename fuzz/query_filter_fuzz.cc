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
#include "daybook/query/aggregate.h"
#include "daybook/query/filter.h"

namespace {

using daybook::query::Endpoint;
using daybook::query::Filter;
using daybook::query::Params;

constexpr daybook::UnixMillis kNow = 1'700'000'000'000;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Params split(std::string_view text) {
  Params params;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    params.emplace_back(decode(pair.substr(0, equals)),
                        decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1)));
  }
  return params;
}

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
  const auto again = daybook::query::parse_filter(split(printed), kNow + 1);
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
  const auto params = split({reinterpret_cast<const char*>(data), size});
  try_search(params, Endpoint::search);
  try_search(params, Endpoint::export_);
  try_aggregate(params);
  return 0;
}
