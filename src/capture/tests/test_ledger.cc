// SPDX-License-Identifier: Apache-2.0
#include "test_ledger.h"

#include <chrono>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace daybook::capture::testing {

TestLedger::TestLedger() {
  open();
}

TestLedger::~TestLedger() {
  recorder_.reset();
  files_.clear_faults();
  ledger_.reset();
}

void TestLedger::open() {
  ledger::Ledger::Options options;
  options.origin = "daybook/test";
  auto opened = ledger::Ledger::open(files_, "/data", options, system_clock(), random_, metrics_);
  if (!opened) {
    ADD_FAILURE() << opened.error().context;
    std::abort();
  }
  ledger_ = *std::move(opened);
  recorder_ = std::make_unique<Recorder>(*ledger_, system_clock(), random_);
}

void TestLedger::restart() {
  recorder_.reset();
  files_.kill_process();
  ledger_.reset();
  open();
}

std::vector<record::Event> TestLedger::entries() const {
  std::vector<record::Event> events;
  const ledger::Reader& reader = ledger_->reader();
  const Status scanned = reader.scan(EntryIndex(0), EntryIndex(reader.size().value()),
                                     [&](const ledger::StoredEntry& entry) {
                                       auto event = record::decode(entry.parts);
                                       EXPECT_TRUE(event.has_value());
                                       events.push_back(*std::move(event));
                                       return true;
                                     });
  EXPECT_TRUE(scanned.has_value());
  return events;
}

std::vector<record::Event> TestLedger::entries(record::Kind kind) const {
  std::vector<record::Event> events = entries();
  std::erase_if(events, [kind](const record::Event& event) { return event.kind != kind; });
  return events;
}

std::vector<record::Event> TestLedger::wait_for(record::Kind kind, std::size_t count) const {
  std::vector<record::Event> found = entries(kind);
  for (int i = 0; i < 500 && found.size() < count; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    found = entries(kind);
  }
  return found;
}

std::vector<record::Event> TestLedger::wait_for(const std::string& action,
                                                std::size_t count) const {
  std::vector<record::Event> found;
  for (int i = 0; i < 500; ++i) {
    found = entries();
    std::erase_if(found, [&](const record::Event& event) { return event.action != action; });
    if (found.size() >= count) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return found;
}

bool TestLedger::holds(const std::string& bytes) const {
  for (const auto& path : files_.all_files()) {
    if (path.string().find(bytes) != std::string::npos) {
      return true;
    }
    const auto content = files_.get(path);
    if (content && as_text(*content).find(bytes) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

void TestLedger::fill_disk() {
  files_.fail_call(1, daybook::testing::FaultyFileSystem::Fault::no_space, true);
}

void TestLedger::stop_writing() {
  files_.fail_call(1, daybook::testing::FaultyFileSystem::Fault::io_error, true);
}

}  // namespace daybook::capture::testing
