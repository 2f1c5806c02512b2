// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/heartbeat.h"

#include <thread>

#include <gtest/gtest.h>

#include "daybook/net/runtime.h"

#include "test_ledger.h"

namespace daybook::capture {
namespace {

using std::chrono::milliseconds;

TEST(HeartbeatSchedule, FirstAfterQuietThenAtIntervals) {
  HeartbeatSchedule schedule({milliseconds(60'000), milliseconds(600'000)});
  EXPECT_EQ(schedule.wait_ms(0, 0), 60'000);
  EXPECT_EQ(schedule.wait_ms(59'000, 0), 1'000);
  EXPECT_EQ(schedule.wait_ms(50'000, 40'000), 50'000);
  EXPECT_EQ(schedule.wait_ms(200'000, 100'000), 0);
  schedule.beaten(160'000, 160'000);
  EXPECT_EQ(schedule.wait_ms(160'000, 160'000), 600'000);
  EXPECT_EQ(schedule.wait_ms(760'000, 160'000), 0);
  schedule.beaten(760'000, 760'000);
  EXPECT_EQ(schedule.wait_ms(800'000, 760'000), 560'000);
  // An entry ends the quiet: 60 s from it.
  EXPECT_EQ(schedule.wait_ms(810'000, 809'000), 59'000);
}

TEST(Heartbeat, IsASystemEntryWithTheStateOfTheClock) {
  testing::TestLedger ledger;
  auto runtime = net::Runtime::start(1);
  auto heartbeat = Heartbeat::start({milliseconds(20), milliseconds(20)}, ledger.recorder(),
                                    runtime->executor());
  const auto beats = ledger.wait_for(record::Kind::system, 2);
  heartbeat->stop();
  ASSERT_GE(beats.size(), 2U);
  EXPECT_EQ(beats[0].action, "HEARTBEAT");
  EXPECT_EQ(beats[0].resource, "INSTANCE");
  EXPECT_FALSE(beats[0].tenant_id.has_value());
  EXPECT_EQ(beats[0].actor_kind, record::ActorKind::system);
  EXPECT_TRUE(beats[0].detail.at("clock").at("synchronized").is_boolean());
  std::this_thread::sleep_for(milliseconds(50));  // One that was under way may still land.
  const std::size_t count = ledger.entries().size();
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(ledger.entries().size(), count);
}

TEST(Heartbeat, TellsHowManyEventsWereLost) {
  testing::TestLedger ledger;
  // A full disk refuses and recovers.
  ledger.files().fail_call(1, daybook::testing::FaultyFileSystem::Fault::no_space, true);
  std::vector<record::Event> lost(3);
  for (record::Event& event : lost) {
    event.action = "READ";
    event.resource = "FLOW";
  }
  ledger.recorder().record_later(lost);
  for (int i = 0; i < 300 && ledger.recorder().refused_later() == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  ASSERT_EQ(ledger.recorder().refused_later(), 3U);
  ledger.files().clear_faults();
  auto runtime = net::Runtime::start(1);
  auto heartbeat = Heartbeat::start({}, ledger.recorder(), runtime->executor());
  const auto gaps = ledger.wait_for("GAP", 1);
  heartbeat->stop();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].kind, record::Kind::system);
  EXPECT_EQ(gaps[0].detail.at("count"), 3);
  EXPECT_FALSE(ledger.recorder().take_gap().has_value());
}

TEST(InstanceEvents, StartAndStopNameTheVersion) {
  EXPECT_EQ(start_events().at(0).action, "START");
  EXPECT_EQ(stop_events().at(0).action, "STOP");
  EXPECT_EQ(start_events().at(0).detail.at("version"), DAYBOOK_VERSION);
  EXPECT_EQ(start_events().at(0).kind, record::Kind::system);
}

}  // namespace
}  // namespace daybook::capture
