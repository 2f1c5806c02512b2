// SPDX-License-Identifier: Apache-2.0
// What the gateway pays for each request before it can forward it: under 2 us.
#include <benchmark/benchmark.h>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {
namespace {

void classify(benchmark::State& state, RequestView request) {
  const Rules& rules = Rules::builtin();
  for (auto _ : state) benchmark::DoNotOptimize(rules.classify(request));
}

BENCHMARK_CAPTURE(classify, update_flow,
                  RequestView{"PUT", "/api/v1/main/flows/company.team/hello", ""});
BENCHMARK_CAPTURE(classify, old_verb,
                  RequestView{"POST", "/api/v1/executions/5wOrelQHavVRrS8us58QUX/labels", ""});
BENCHMARK_CAPTURE(classify, static_file, RequestView{"GET", "/ui/assets/index-1a2b3c.js", ""});
BENCHMARK_CAPTURE(classify, search,
                  RequestView{"GET", "/api/v1/main/executions/search", "size=25&page=1"});
BENCHMARK_CAPTURE(classify, read_with_query,
                  RequestView{"GET", "/api/v1/main/flows/company.team/hello", "revision=2"});

void redact_flow(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(redact_yaml("id: f\npassword: x\ntasks: []\n"));
}
BENCHMARK(redact_flow);

}  // namespace
}  // namespace daybook::kestra
