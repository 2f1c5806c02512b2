// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/spool.h"

#include <thread>

#include <gtest/gtest.h>

#include "daybook/capture/heartbeat.h"
#include "daybook/net/runtime.h"

#include "gateway_rig.h"

namespace daybook::capture {
namespace {

using testing::answer;
using testing::GatewayRig;

record::Event event(int number) {
  record::Event out;
  out.id = "e" + std::to_string(number);
  out.date = out.recorded_at = 1'700'000'000'000 + number;
  out.action = "READ";
  out.resource = "FLOW";
  out.detail = {{"n", number}};
  out.actor.username = "jane";
  return out;
}

class SpoolTest : public ::testing::Test {
 protected:
  std::unique_ptr<Spool> open(std::uint64_t bytes_max = 1U << 20U) {
    return Spool::open(files_, {"/other-disk/spool", bytes_max}).value();
  }
  daybook::testing::FaultyFileSystem files_{7};
};

TEST_F(SpoolTest, KeepsOrderOverAProcessAndMarksThemLate) {
  {
    const auto spool = open();
    EXPECT_TRUE(spool->empty());
    ASSERT_TRUE(spool->add({event(1), event(2)}));
    ASSERT_TRUE(spool->add({event(3)}));
  }
  files_.kill_process();
  const auto spool = open();
  const auto front = spool->front(2);
  ASSERT_EQ(front.size(), 2U);
  EXPECT_EQ(front[0].id, "e1");
  EXPECT_EQ(front[1].detail.at("late"), true);
  EXPECT_EQ(front[1].recorded_at, event(2).recorded_at);
  EXPECT_EQ(front[1].actor.username, "jane");
  spool->drop(2);
  EXPECT_EQ(spool->front(10).at(0).id, "e3");
  spool->drop(1);
  EXPECT_TRUE(spool->empty());
  EXPECT_TRUE(files_.get("/other-disk/spool/spool").value().empty());
}

TEST_F(SpoolTest, IsBounded) {
  const auto spool = open(1'000);
  int taken = 0;
  while (taken < 1'000 && spool->add({event(taken)})) {
    ++taken;
  }
  EXPECT_GT(taken, 1);
  EXPECT_LT(taken, 10);
  EXPECT_EQ(spool->add({event(0)}).error().code, Errc::exhausted);
  spool->drop(static_cast<std::size_t>(taken));
  EXPECT_TRUE(spool->add({event(0)}));
}

// Whatever the end of the file looks like, the whole records before it are there.
TEST_F(SpoolTest, ATornEndIsCut) {
  Bytes whole;
  std::size_t first = 0;
  {
    const auto spool = open();
    ASSERT_TRUE(spool->add({event(1)}));
    first = files_.get("/other-disk/spool/spool").value().size();
    ASSERT_TRUE(spool->add({event(2)}));
    whole = files_.get("/other-disk/spool/spool").value();
  }
  for (std::size_t size = first; size < whole.size(); ++size) {
    files_.put("/other-disk/spool/spool",
               Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    const auto spool = open();
    EXPECT_EQ(spool->front(10).size(), 1U) << size;
    ASSERT_TRUE(spool->add({event(3)}));
    EXPECT_EQ(spool->front(10).size(), 2U) << size;
  }
  for (std::size_t at = first; at < whole.size(); ++at) {
    Bytes flipped = whole;
    flipped[at] ^= 0x20U;
    files_.put("/other-disk/spool/spool", flipped);
    EXPECT_EQ(open()->front(10).size(), 1U) << at;
  }
}

TEST_F(SpoolTest, AFailedWriteLeavesNothing) {
  const auto spool = open();
  ASSERT_TRUE(spool->add({event(1)}));
  files_.fail_call(1, daybook::testing::FaultyFileSystem::Fault::torn_write, false);
  EXPECT_FALSE(spool->add({event(2)}));
  ASSERT_TRUE(spool->add({event(3)}));
  const auto front = spool->front(10);
  ASSERT_EQ(front.size(), 2U);
  EXPECT_EQ(front[1].id, "e3");
}

// A read of Kestra while the ledger's disk is full: answered at once, in the ledger later.
TEST(SpooledReads, ReachTheLedgerWhenItTakesEntriesAgain) {
  daybook::testing::FaultyFileSystem other_disk(3);
  const auto spool = Spool::open(other_disk, {"/spool", 1U << 20U}).value();
  GatewayRig rig;
  rig.ledger.recorder().use_spool(spool.get());
  rig.kestra.on("GET /api/v1/main/flows/a.b/hello", answer(200, R"({"id":"hello"})"));
  rig.ledger.fill_disk();
  EXPECT_EQ(rig.call("GET", "/api/v1/main/flows/a.b/hello").status, 200);
  for (int i = 0; i < 300 && spool->empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_FALSE(spool->empty());
  EXPECT_TRUE(rig.ledger.entries(record::Kind::event).empty());
  EXPECT_FALSE(rig.ledger.recorder().take_gap().has_value());
  rig.ledger.files().clear_faults();
  const auto runtime = net::Runtime::start(1);
  const auto heartbeat = Heartbeat::start({}, rig.ledger.recorder(), runtime->executor());
  const auto events = rig.ledger.wait_for(record::Kind::event, 1);
  heartbeat->stop();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].action, "READ");
  EXPECT_EQ(events[0].detail.at("late"), true);
  EXPECT_EQ(events[0].actor.username, "alice");
  for (int i = 0; i < 300 && !spool->empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(spool->empty());
}

TEST(SpooledReads, WhatTheSpoolCannotTakeIsAGap) {
  daybook::testing::FaultyFileSystem other_disk(3);
  const auto spool = Spool::open(other_disk, {"/spool", 10}).value();
  GatewayRig rig;
  rig.ledger.recorder().use_spool(spool.get());
  rig.kestra.on("GET /api/v1/main/flows/a.b/hello", answer(200, "{}"));
  rig.ledger.fill_disk();
  rig.call("GET", "/api/v1/main/flows/a.b/hello");
  rig.call("GET", "/api/v1/main/flows/a.b/hello");
  for (int i = 0; i < 300 && rig.ledger.recorder().refused_later() < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  rig.ledger.files().clear_faults();
  const auto runtime = net::Runtime::start(1);
  const auto heartbeat = Heartbeat::start({}, rig.ledger.recorder(), runtime->executor());
  const auto events = rig.ledger.wait_for("GAP", 1);
  heartbeat->stop();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].detail.at("count"), 2);
  EXPECT_LE(events[0].detail.at("from").get<std::string>(),
            events[0].detail.at("to").get<std::string>());
}

}  // namespace
}  // namespace daybook::capture
