// SPDX-License-Identifier: Apache-2.0
// A disk that is full for a while, with the reserve that a ledger in the background keeps.
#include <gtest/gtest.h>

#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::FaultyFileSystem;
using testing::must_open;
using Fault = FaultyFileSystem::Fault;

std::string action_of(const Reader& reader, std::uint64_t index) {
  const auto entry = reader.read(EntryIndex(index));
  if (!entry) return "unreadable";
  const auto event = record::decode(entry->parts);
  return event ? event->action : "no event";
}

TEST(Space, ALastEntrySaysWhyAndTheFirstOneThatItIsOver) {
  Bench bench;
  bench.options.background = true;
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a"})));
  EXPECT_TRUE(*bench.fs.exists("/data/ledger.reserve"));

  // The write of the group fails for want of space; what the reserve frees takes the entry.
  bench.fs.fail_call(1, Fault::no_space, false);
  EXPECT_EQ(append_and_wait(*ledger, bench.batch({"b"})).error().code, Errc::exhausted);
  EXPECT_TRUE(ledger->writable());
  EXPECT_FALSE(*bench.fs.exists("/data/ledger.reserve"));
  ASSERT_EQ(ledger->reader().size(), TreeSize(2));
  EXPECT_EQ(action_of(ledger->reader(), 1), "DISK_FULL");
  EXPECT_TRUE(publish_and_wait(*ledger));

  // Refused without a try until a second has gone by; repeats are still answered.
  EXPECT_EQ(append_and_wait(*ledger, bench.batch({"c"})).error().code, Errc::exhausted);
  EXPECT_EQ(append_and_wait(*ledger, bench.batch({"a"}))->created, 0U);
  bench.clock.advance(1'001);
  bench.fs.fail_call(2, Fault::no_space, false);  // The reserve cannot be taken yet.
  EXPECT_EQ(append_and_wait(*ledger, bench.batch({"d"})).error().code, Errc::exhausted);
  bench.fs.clear_faults();
  bench.clock.advance(1'001);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"e"})));
  ASSERT_EQ(ledger->reader().size(), TreeSize(4));
  EXPECT_EQ(action_of(ledger->reader(), 2), "DISK_FREE");
  EXPECT_TRUE(*bench.fs.exists("/data/ledger.reserve"));
  EXPECT_TRUE(ledger->close());
  const auto report = bench.verify();
  EXPECT_TRUE(report.ok) << describe(report);
}

}  // namespace
}  // namespace daybook::ledger
