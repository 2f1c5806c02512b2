// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daybook/capture/recorder.h"
#include "daybook/core/metrics.h"
#include "daybook/core_testing/faulty_file_system.h"
#include "daybook/core_testing/manual_clock.h"
#include "daybook/ledger/ledger.h"

namespace daybook::capture::testing {

// A real ledger on a file system in memory that can be made to fail.
class TestLedger {
 public:
  TestLedger();
  ~TestLedger();
  TestLedger(const TestLedger&) = delete;
  TestLedger& operator=(const TestLedger&) = delete;

  [[nodiscard]] ledger::Ledger& ledger() { return *ledger_; }
  [[nodiscard]] Recorder& recorder() { return *recorder_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }
  [[nodiscard]] daybook::testing::FaultyFileSystem& files() { return files_; }
  [[nodiscard]] Random& random() { return random_; }

  // Everything durable, in order.
  [[nodiscard]] std::vector<record::Event> entries() const;
  [[nodiscard]] std::vector<record::Event> entries(record::Kind kind) const;
  // Waits (bounded) until there are that many of a kind.
  [[nodiscard]] std::vector<record::Event> wait_for(record::Kind kind, std::size_t count) const;
  // The same of an action: the ledger makes entries of kind system too.
  [[nodiscard]] std::vector<record::Event> wait_for(const std::string& action,
                                                    std::size_t count) const;
  // Whether the bytes stand in any file, names included.
  [[nodiscard]] bool holds(const std::string& bytes) const;

  // Every append from now on is refused; what is stored stays readable.
  void stop_writing();
  // Every append is refused until files().clear_faults().
  void fill_disk();
  // The process dies and another one opens the same files.
  void restart();

 private:
  void open();

  daybook::testing::FaultyFileSystem files_{1};
  daybook::testing::SeededRandom random_{2};
  Metrics metrics_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace daybook::capture::testing
