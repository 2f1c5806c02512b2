// SPDX-License-Identifier: Apache-2.0
// Any bytes as a rule file: refused with a place, or good rules that can tell what any request is.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daybook/core/utf8.h"
#include "daybook/kestra/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook::kestra;  // NOLINT(google-build-using-namespace): a program of one file.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rules = Rules::parse(text);
  if (!rules) {
    // Somebody has to find the mistake, and reads about it in the ledger.
    const auto& why = rules.error().context;
    if (why.empty() || !daybook::is_utf8(why)) std::abort();
    return 0;
  }
  constexpr std::array<RequestView, 5> requests = {{
      {"GET", "/api/v1/main/flows/a.b/c", ""},
      {"PUT", "/api/v1/main/namespaces/a.b/kv/k", "x=1&x=2"},
      {"POST", "/api/v1/executions/webhook/a.b/c/key", ""},
      {"DELETE", "/api/v1/t/executions/by-ids", "filters%5Bq%5D=%00"},
      {"PATCH", "/", ""},
  }};
  for (const RequestView& request : requests) {
    const Classification what = (*rules)->classify(request);
    if (what.resource.empty() || what.action.empty()) std::abort();
    static_cast<void>(what.detail.dump());
    Captured captured;
    captured.status = 200;
    captured.request_body = R"({"id":"c","namespace":"a.b"})";
    captured.response_body = captured.request_body;
    const Interpretation told = (*rules)->interpret(request, what, captured);
    static_cast<void>(told.detail.dump());
  }
  return 0;
}
