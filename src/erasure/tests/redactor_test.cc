// SPDX-License-Identifier: Apache-2.0
#include "daybook/erasure/redactor.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/core/metrics.h"
#include "daybook/core_testing/faulty_file_system.h"
#include "daybook/core_testing/manual_clock.h"

namespace daybook::erasure {
namespace {

using daybook::testing::FaultyFileSystem;
using daybook::testing::ManualClock;
using daybook::testing::SeededRandom;
using record::Event;
using record::Json;
using record::Part;

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kStart = 1'795'000'000'000;

Event event(const std::string& id, const std::string& user, UnixMillis recorded) {
  Event out;
  out.id = id;
  out.tenant_id = "main";
  out.date = recorded;
  out.recorded_at = recorded;
  out.action = "UPDATE";
  out.resource = "FLOW";
  out.detail = {{"namespace", "company.team"}};
  out.actor.user_id = user;
  out.actor.username = user + ".name";
  out.actor.email = user + "@example.org";
  return out;
}

By admin(const std::string& id) {
  By by;
  by.id = id;
  by.kind = record::ActorKind::standard;
  by.actor.user_id = id;
  by.actor.username = id + "-name";
  return by;
}

class RedactorTest : public ::testing::Test {
 protected:
  RedactorTest() {
    ledger::Ledger::Options options;
    options.background = false;
    ledger = ledger::Ledger::open(fs, "/data", options, clock, random, metrics).value();
    open();
  }
  ~RedactorTest() override {
    redactor.reset();
    EXPECT_TRUE(ledger->close());
  }

  void open(std::optional<bool> two_person = std::nullopt) {
    auto made = Redactor::open(
        {.reader = ledger->reader(),
         .find = [this](const query::Filter& filter) { return find(filter); },
         .record = [this](std::vector<Event> events) { return append(std::move(events)); },
         .erase =
             [this](std::vector<ledger::Erasure> erasures) {
               sizes_at_erasing.push_back(ledger->reader().size().value());
               return ledger->erase(std::move(erasures));
             },
         .forget = [this]() -> Status {
           ++forgotten;
           return {};
         }},
        {.fs = fs,
         .data_dir = "/data",
         .clock = clock,
         .random = random,
         .two_person = two_person,
         .policies = policies});
    ASSERT_TRUE(made) << made.error().context;
    redactor = *std::move(made);
  }

  Result<std::vector<EntryIndex>> find(const query::Filter& filter) {
    std::vector<EntryIndex> found;
    const auto scanned = ledger->reader().scan(
        EntryIndex(0), EntryIndex(ledger->reader().size().value()), [&](const auto& entry) {
          const auto decoded = record::decode(entry.parts);
          if (decoded && query::matches(filter, *decoded)) found.push_back(entry.index);
          return true;
        });
    if (!scanned) return scanned.error();
    return found;
  }
  Status append(std::vector<Event> events) {
    std::vector<ledger::Draft> batch;
    for (Event& one : events) {
      if (one.id.empty()) one.id = random_base62(random, 22);
      if (one.recorded_at == 0) one.recorded_at = clock.now();
      batch.push_back(ledger::prepare(one, {}, random));
    }
    const auto done = ledger::append_and_wait(*ledger, std::move(batch));
    return done ? Status() : Status(done.error());
  }
  ledger::StoredEntry entry(std::uint64_t index) {
    return ledger->reader().read(EntryIndex(index)).value();
  }
  Event decoded(std::uint64_t index) { return record::decode(entry(index).parts).value(); }
  std::uint64_t size() { return ledger->reader().size().value(); }
  std::string all_text() {
    std::string text;
    for (std::uint64_t n = 0; n < size(); ++n) {
      for (const std::string& part : entry(n).parts.bytes) text += part + "\n";
    }
    return text;
  }

  FaultyFileSystem fs{1};
  ManualClock clock;
  SeededRandom random{1};
  Metrics metrics;
  std::vector<Policy> policies;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Redactor> redactor;
  std::vector<std::uint64_t> sizes_at_erasing;
  int forgotten = 0;
};

TEST_F(RedactorTest, OneEntryLosesThePartsAskedFor) {
  ASSERT_TRUE(append({event("e0", "u0", kStart), event("e1", "u1", kStart)}));
  const Json body{{"tenant", "main"}, {"id", "e1"}, {"parts", {"actor"}}, {"reason", "ticket 1"}};
  const auto done = redactor->redact(body, admin("a1"));
  ASSERT_TRUE(done) << done.error().context;
  EXPECT_EQ(done->at("status"), "done");
  EXPECT_EQ(done->at("entries"), 1);
  EXPECT_TRUE(entry(1).is_erased(Part::actor));
  EXPECT_FALSE(entry(1).is_erased(Part::event));
  EXPECT_EQ(entry(0).erased, 0);
  EXPECT_EQ(forgotten, 1);
  // One entry came before the erasing, one after; they say who, why and how many.
  ASSERT_EQ(size(), 4U);
  EXPECT_EQ(sizes_at_erasing, std::vector<std::uint64_t>{3});
  const Event begin = decoded(2);
  const Event end = decoded(3);
  EXPECT_EQ(begin.kind, record::Kind::system);
  EXPECT_EQ(begin.result, record::ResultWord::unknown);
  EXPECT_EQ(end.kind, record::Kind::system);
  EXPECT_EQ(end.result, record::ResultWord::success);
  EXPECT_FALSE(end.tenant_id);
  EXPECT_EQ(end.attempt_id, begin.id);
  EXPECT_EQ(end.resource, "REDACTION");
  EXPECT_EQ(end.reason, "ticket 1");
  EXPECT_EQ(end.actor.user_id, "a1");
  EXPECT_EQ(end.detail.at("entries"), 1);
  EXPECT_EQ(end.detail.at("indexes"), Json::array({1}));
}

TEST_F(RedactorTest, APersonsActorPartsGoAndOtherHitsAreListed) {
  Event subject = event("e1", "boss", kStart);
  subject.actor.subject = {{"id", "u0"}, {"username", "u0.name"}};
  Event mention = event("e2", "u2", kStart);
  mention.message = "asked by\nu0.name, again";
  Event longer = event("e3", "u00", kStart);  // Another one, whose id begins alike.
  ASSERT_TRUE(append({event("e0", "u0", kStart), subject, mention, longer}));
  const Json dry{{"person", {"u0"}}, {"dryRun", true}};
  const auto counted = redactor->redact(dry, admin("a1"));
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->at("status"), "dry-run");
  EXPECT_EQ(counted->at("indexes"), Json::array({0, 1}));
  EXPECT_EQ(counted->at("elsewhere").at("indexes"), Json::array({2}));
  EXPECT_EQ(size(), 4U);  // A dry run leaves nothing.

  const auto done = redactor->redact({{"person", {"u0"}}, {"reason", "r"}}, admin("a1"));
  ASSERT_TRUE(done);
  EXPECT_TRUE(entry(0).is_erased(Part::actor));
  EXPECT_TRUE(entry(1).is_erased(Part::actor));
  EXPECT_EQ(entry(2).erased, 0);
  EXPECT_EQ(entry(3).erased, 0);

  const auto rest = redactor->redact(
      {{"person", {"u0", "u0.name"}}, {"everywhere", true}, {"reason", "r"}}, admin("a1"));
  ASSERT_TRUE(rest);
  EXPECT_TRUE(entry(2).is_erased(Part::event));
  EXPECT_FALSE(entry(2).is_erased(Part::actor));
  EXPECT_EQ(all_text().find("u0.name"), std::string::npos);
  EXPECT_EQ(all_text().find("u0@example.org"), std::string::npos);
  EXPECT_EQ(all_text().find("\"u0\""), std::string::npos);
}

TEST_F(RedactorTest, AQueryStringThatNamesThePersonIsAHit) {
  Event read = event("r", "auditor", kStart);
  read.kind = record::Kind::system;
  read.tenant_id.reset();
  read.detail = {{"filters", "q=Ann+Lee&userId=ann%40example.org"}};
  Event again = read;
  again.id = "r2";
  again.detail = {{"filters", "q=Ann%20Lee"}};
  ASSERT_TRUE(append({read, again}));
  const Json body{{"person", {"Ann Lee"}}, {"everywhere", true}, {"reason", "r"}};
  ASSERT_TRUE(redactor->redact(body, admin("a1")));
  EXPECT_TRUE(entry(0).is_erased(Part::event));
  EXPECT_TRUE(entry(1).is_erased(Part::event));
}

TEST_F(RedactorTest, WhatTellsOfErasingStays) {
  ASSERT_TRUE(append({event("e0", "u0", kStart)}));
  ASSERT_TRUE(redactor->redact({{"index", 0}, {"parts", {"actor"}}, {"reason", "r"}}, admin("a1")));
  const auto again =
      redactor->redact({{"index", 2}, {"parts", {"event", "actor"}}, {"reason", "r"}}, admin("a1"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->at("protected"), 1);
  EXPECT_FALSE(entry(2).is_erased(Part::event));
  EXPECT_TRUE(entry(2).is_erased(Part::actor));
}

TEST_F(RedactorTest, AHoldForbidsUntilItEndsAlsoAfterARestart) {
  ASSERT_TRUE(append({event("e0", "u0", kStart), event("e1", "u1", kStart)}));
  const auto hold = redactor->add_hold(
      {{"tenant", "main"}, {"filters", "userId=u0"}, {"reason", "case 9"}}, admin("a1"));
  ASSERT_TRUE(hold) << hold.error().context;
  const auto id = hold->at("id").get<std::string>();
  open();
  EXPECT_EQ(redactor->holds()->at("holds").size(), 1U);
  const Json both{{"tenant", "main"}, {"filters", ""}, {"parts", {"actor"}}, {"reason", "r"}};
  const auto refused = redactor->redact(both, admin("a1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::exists);
  EXPECT_NE(refused.error().context.find(id), std::string::npos);
  EXPECT_EQ(entry(0).erased, 0);
  EXPECT_EQ(entry(1).erased, 0);
  ASSERT_TRUE(redactor->redact({{"index", 1}, {"parts", {"actor"}}, {"reason", "r"}}, admin("a1")));
  ASSERT_TRUE(redactor->remove_hold(id, "case closed", admin("a1")));
  open();
  EXPECT_EQ(redactor->remove_hold(id, "again", admin("a1")).error().code, Errc::not_found);
  ASSERT_TRUE(redactor->redact(both, admin("a1")));
  EXPECT_TRUE(entry(0).is_erased(Part::actor));
}

TEST_F(RedactorTest, AHoldThatNamesPeopleOrMovesInTimeIsRefused) {
  for (const char* filters : {"username=anna", "q=anna", "timeRange=P1D", "nonsense=1"}) {
    const auto made = redactor->add_hold({{"filters", filters}, {"reason", "r"}}, admin("a1"));
    ASSERT_FALSE(made) << filters;
    EXPECT_EQ(made.error().code, Errc::invalid);
  }
  EXPECT_EQ(redactor->add_hold({{"filters", ""}}, admin("a1")).error().code, Errc::invalid);
  EXPECT_EQ(size(), 0U);
}

TEST_F(RedactorTest, RetentionGoesByOurClockAndLeavesHeldEntriesOut) {
  policies.push_back({.name = "flows",
                      .older_than_ms = 30 * kDay,
                      .tenant = "main",
                      .filters = {{"filters[resources][IN]", "FLOW"}}});
  Event backdated = event("e2", "u2", kStart);
  backdated.date = kStart - 400 * kDay;
  ASSERT_TRUE(append({event("e0", "u0", kStart - 40 * kDay), event("e1", "u1", kStart - 40 * kDay),
                      backdated, event("e3", "u3", kStart - 29 * kDay)}));
  open();
  ASSERT_TRUE(redactor->add_hold({{"filters", "userId=u1"}, {"reason", "case"}}, admin("a1")));
  const auto counted = redactor->run_retention(true, admin("a1"));
  ASSERT_TRUE(counted) << counted.error().context;
  EXPECT_EQ(counted->at("indexes"), Json::array({0}));
  EXPECT_EQ(counted->at("policies").at(0).at("held"), 1);
  EXPECT_EQ(entry(0).erased, 0);
  ASSERT_TRUE(redactor->run_retention(false, daybook_itself()));
  EXPECT_EQ(entry(0).erased, 7 & ~4);  // It has no change part.
  for (const std::uint64_t kept : {1U, 2U, 3U}) EXPECT_EQ(entry(kept).erased, 0) << kept;
  EXPECT_EQ(decoded(size() - 1).resource, "RETENTION");
  EXPECT_EQ(decoded(size() - 1).detail.at("entries"), 1);
  // Each run is an entry, also one that finds nothing.
  const std::uint64_t before = size();
  ASSERT_TRUE(redactor->run_retention(false, daybook_itself()));
  EXPECT_EQ(size(), before + 1);
  EXPECT_EQ(decoded(before).detail.at("entries"), 0);
}

TEST_F(RedactorTest, ASecondPersonApproves) {
  ASSERT_TRUE(append({event("e0", "u0", kStart)}));
  open(true);
  open();  // Without a word about it, it stays.
  const auto asked = redactor->redact({{"person", {"u0"}}, {"reason", "r"}}, admin("a1"));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->at("status"), "waiting");
  EXPECT_EQ(entry(0).erased, 0);
  const auto id = asked->at("requestId").get<std::string>();
  open();
  EXPECT_EQ(redactor->requests()->at("requests").size(), 1U);
  EXPECT_EQ(redactor->approve(id, admin("a1")).error().code, Errc::denied);
  EXPECT_EQ(entry(0).erased, 0);
  ASSERT_TRUE(append({event("later", "u0", kStart)}));
  const std::uint64_t later = size() - 1;
  const auto done = redactor->approve(id, admin("a2"));
  ASSERT_TRUE(done) << done.error().context;
  EXPECT_TRUE(entry(0).is_erased(Part::actor));
  EXPECT_TRUE(entry(later).is_erased(Part::actor));
  EXPECT_EQ(decoded(size() - 1).actor.user_id, "a2");
  EXPECT_EQ(decoded(size() - 1).detail.at("requestedBy"), "a1");
  EXPECT_EQ(redactor->approve(id, admin("a2")).error().code, Errc::not_found);
  // Nothing of what was asked for is left in the file of requests.
  const auto file = fs.get("/data/redaction-requests");
  ASSERT_TRUE(file);
  EXPECT_EQ(std::string(as_text(*file)).find("u0"), std::string::npos);
}

TEST_F(RedactorTest, ARequestEndsAfterAWeekOrWhenItIsWithdrawn) {
  ASSERT_TRUE(append({event("e0", "u0", kStart)}));
  open(true);
  const Json body{{"index", 0}, {"parts", {"actor"}}, {"reason", "r"}};
  const auto old = redactor->redact(body, admin("a1"));
  const auto taken_back = redactor->redact(body, admin("a1"));
  ASSERT_TRUE(old && taken_back);
  const auto id = taken_back->at("requestId").get<std::string>();
  ASSERT_TRUE(redactor->withdraw(id, admin("a1")));
  EXPECT_EQ(redactor->approve(id, admin("a2")).error().code, Errc::not_found);
  clock.advance(8 * kDay);
  EXPECT_EQ(redactor->approve(old->at("requestId"), admin("a2")).error().code, Errc::not_found);
  EXPECT_TRUE(redactor->requests()->at("requests").empty());
  EXPECT_EQ(entry(0).erased, 0);
}

TEST_F(RedactorTest, WrongBodiesAreRefusedAndLeaveNothing) {
  ASSERT_TRUE(append({event("e0", "u0", kStart)}));
  const Json bodies[] = {
      Json::array(),
      {{"reason", "r"}},
      {{"index", 0}, {"parts", {"actor"}}},
      {{"index", 0}, {"parts", {"actor"}}, {"reason", ""}},
      {{"index", 0}, {"parts", Json::array()}, {"reason", "r"}},
      {{"index", 0}, {"parts", {"salt"}}, {"reason", "r"}},
      {{"index", 0}, {"reason", "r"}},
      {{"index", -1}, {"parts", {"actor"}}, {"reason", "r"}},
      {{"index", 0}, {"person", {"u0"}}, {"reason", "r"}},
      {{"person", {"u"}}, {"reason", "r"}},
      {{"person", {"u0"}}, {"parts", {"event"}}, {"reason", "r"}},
      {{"filters", ""}, {"parts", {"event"}}, {"reason", "r"}},
      {{"filters", "nonsense=1"}, {"parts", {"event"}}, {"reason", "r"}},
      {{"index", 0}, {"parts", {"actor"}}, {"reason", "r"}, {"dryRun", 1}},
      {{"index", 0}, {"parts", {"actor"}}, {"reason", "r"}, {"more", 1}},
  };
  for (const Json& body : bodies) {
    const auto done = redactor->redact(body, admin("a1"));
    ASSERT_FALSE(done) << body.dump();
    EXPECT_EQ(done.error().code, Errc::invalid) << body.dump();
  }
  const Json absent{{"index", 7}, {"parts", {"actor"}}, {"reason", "r"}};
  EXPECT_EQ(redactor->redact(absent, admin("a1")).error().code, Errc::not_found);
  EXPECT_EQ(size(), 1U);
  EXPECT_EQ(entry(0).erased, 0);
}

}  // namespace
}  // namespace daybook::erasure
