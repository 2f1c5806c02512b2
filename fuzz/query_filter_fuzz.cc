// SPDX-License-Identifier: Apache-2.0
//
// Any query string: it is refused with a name or gives a search whose filter can be run on any
// event.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/check.h"
#include "daybook/query/filter.h"

namespace {

using daybook::query::Endpoint;
using daybook::query::Params;

// `name=value&name=value`; decoding is not the subject here.
Params split(std::string_view text) {
  Params params;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    params.emplace_back(pair.substr(0, equals),
                        equals == std::string_view::npos ? "" : pair.substr(equals + 1));
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

void try_endpoint(const Params& params, Endpoint endpoint) {
  static const auto kEvent = sample();
  const auto search = daybook::query::parse_search(params, endpoint, 1'700'000'000'000);
  if (!search) {
    DAYBOOK_CHECK(search.error().code == daybook::Errc::invalid);
    DAYBOOK_CHECK(!params.empty());
    return;
  }
  DAYBOOK_CHECK(search->size >= 1 && search->size <= 1000 && search->page >= 1);
  static_cast<void>(daybook::query::matches(search->filter, kEvent));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto params = split({reinterpret_cast<const char*>(data), size});
  try_endpoint(params, Endpoint::search);
  try_endpoint(params, Endpoint::export_);
  return 0;
}
