// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"
#include "daybook/net/task.h"
#include "daybook/record/event.h"

namespace daybook::capture {

// The one door to the ledger: gives events an id (if they have none) and recordedAt, makes drafts of them and
// suspends until their group is durable and searchable.
// Threads: any.
class Recorder {
 public:
  Recorder(ledger::Ledger& ledger, const Clock& clock, Random& random);

  // All or nothing.
  net::Task<Result<ledger::Appended>> record(std::vector<record::Event> events);
  // With the canonical content of each, for idempotency (ingest).
  net::Task<Result<ledger::Appended>> record(std::vector<record::Event> events, std::vector<std::string> contents);
  // Hands the events over and does not wait; a refusal is counted and diagnosed.
  void record_later(std::vector<record::Event> events);

  [[nodiscard]] std::string new_id();  // 22 base62.
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] ledger::Ledger& ledger() { return ledger_; }

 private:
  ledger::Ledger& ledger_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace daybook::capture
