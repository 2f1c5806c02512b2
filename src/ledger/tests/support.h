// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/core/metrics.h"
#include "daybook/core_testing/faulty_file_system.h"
#include "daybook/core_testing/manual_clock.h"
#include "daybook/ledger/ledger.h"
#include "daybook/ledger/verify.h"

namespace daybook::ledger::testing {

using daybook::testing::FaultyFileSystem;
using daybook::testing::ManualClock;
using daybook::testing::SeededRandom;

inline constexpr const char* kDataDir = "/data";

inline record::Event make_event(const std::string& id, const std::string& text = "") {
  record::Event event;
  event.id = id;
  event.tenant_id = "main";
  event.date = 1'795'000'000'000;
  event.recorded_at = event.date + 5;
  event.action = "UPDATE";
  event.resource = "FLOW";
  event.detail = {{"id", "flow"}, {"note", text}};
  event.actor.user_id = "u1";
  event.actor.username = "anna";
  event.actor.submitter = record::Submitter{"s1", "shipper", "SERVICE_ACCOUNT", {}};
  return event;
}

// What an ingest caller sent for make_event(id, text).
inline std::string make_content(const std::string& id, const std::string& text = "") {
  return R"({"id":")" + id + R"(","note":")" + text + R"("})";
}

// One data directory in memory and what a ledger needs around it.
struct Bench {
  explicit Bench(std::uint64_t seed = 1) : fs(seed), random(seed) {
    options.checkpoint_interval_ms = 60'000;  // The manual clock stands still: only when asked.
    options.background = false;               // Sealing too: so that calls can be counted.
  }

  Result<std::unique_ptr<Ledger>> open() {
    return Ledger::open(fs, kDataDir, options, clock, random, metrics);
  }

  Draft draft(const std::string& id, const std::string& text = "") {
    return prepare(make_event(id, text), make_content(id, text), random);
  }

  std::vector<Draft> batch(const std::vector<std::string>& ids) {
    std::vector<Draft> drafts;
    for (const std::string& id : ids) drafts.push_back(draft(id));
    return drafts;
  }

  VerifyReport verify(const VerifyOptions& how = {}) {
    auto report = verify_directory(fs, kDataDir, how);
    EXPECT_TRUE(report) << report.error().context;
    return report ? *std::move(report) : VerifyReport{};
  }

  FaultyFileSystem fs;
  SeededRandom random;
  ManualClock clock;
  Metrics metrics;
  Ledger::Options options;
};

inline std::string describe(const VerifyReport& report) {
  std::string text = "size " + std::to_string(report.tree_size);
  for (const auto& failure : report.failures) {
    text += "; " + failure.file + ": " + failure.what;
    if (failure.offset) text += " at " + std::to_string(*failure.offset);
    if (failure.index) text += " entry " + std::to_string(*failure.index);
  }
  return text;
}

// Opens, or fails the test.
inline std::unique_ptr<Ledger> must_open(Bench& bench) {
  auto ledger = bench.open();
  if (!ledger) {
    ADD_FAILURE() << "open: " << to_string(ledger.error().code) << " " << ledger.error().context
                  << " " << ledger.error().path;
    return nullptr;
  }
  return *std::move(ledger);
}

}  // namespace daybook::ledger::testing
