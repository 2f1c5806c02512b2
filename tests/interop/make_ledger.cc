// SPDX-License-Identifier: Apache-2.0
//
// make_ledger DIR N: a ledger of exactly N entries, for third-party tools to check.

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/metrics.h"
#include "daybook/core/random.h"
#include "daybook/ledger/ledger.h"

namespace {

using namespace daybook;  // NOLINT(google-build-using-namespace): a test program.

constexpr std::uint64_t kBatch = 1000;

record::Event event_number(std::uint64_t n) {
  record::Event event;
  event.id = "interop-" + std::to_string(n);
  event.tenant_id = "main";
  event.date = event.recorded_at = system_clock().now();
  event.action = n % 3 == 0 ? "CREATE" : "UPDATE";
  event.resource = "FLOW";
  event.detail = {{"id", "flow"}, {"namespace", "company.team"}, {"revision", n}};
  event.actor.user_id = "u" + std::to_string(n % 7);
  return event;
}

Status fill(ledger::Ledger& ledger, std::uint64_t count) {
  for (std::uint64_t at = 0; at < count;) {
    std::vector<ledger::Draft> batch;
    for (; at < count && batch.size() < kBatch; ++at) {
      batch.push_back(ledger::prepare(event_number(at), {}, system_random()));
    }
    DAYBOOK_RETURN_IF_ERROR(append_and_wait(ledger, std::move(batch)));
  }
  return ledger.close();
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t count = 0;
  if (argc != 3 ||
      std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), count).ec != std::errc()) {
    std::fprintf(stderr, "usage: make_ledger DIR N\n");
    return 2;
  }
  Metrics metrics;
  ledger::Ledger::Options options;
  options.origin = "interop.example.org/daybook";
  auto ledger = ledger::Ledger::open(posix_file_system(), argv[1], options, system_clock(),
                                     system_random(), metrics);
  if (!ledger) {
    std::fprintf(stderr, "make_ledger: %s\n", ledger.error().context.c_str());
    return 3;
  }
  if (auto filled = fill(**ledger, count); !filled) {
    std::fprintf(stderr, "make_ledger: %s\n", filled.error().context.c_str());
    return 3;
  }
  return 0;
}
