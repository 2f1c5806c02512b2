// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/search/engine.h"

#include "fake_reader.h"

namespace daybook::search {
namespace {

constexpr std::uint64_t kEntries = 20'000;  // Several blocks, dictionaries that grow.

record::Event event(std::uint64_t number) {
  record::Event out;
  out.id = "e" + std::to_string(number);
  out.tenant_id = "t" + std::to_string(number % 5);
  out.date = static_cast<UnixMillis>(number);
  out.action = "UPDATE";
  out.resource = "FLOW";
  out.detail = {{"executionId", "x" + std::to_string(number / 4)},
                {"namespace", "n" + std::to_string(number % 100)},
                {"key" + std::to_string(number / 1500), "v"}};
  out.actor.user_id = "u" + std::to_string(number % 10);
  return out;
}

query::Search where(query::Field field, const std::string& value) {
  query::Search search;
  search.filter.all.push_back({field, query::Op::equals, "", {value}, 0});
  return search;
}

// Every answer has to be exact for the tree size that it states, whatever is added meanwhile.
void query_until(const Engine& engine, const std::atomic<bool>& stop, std::atomic<int>& wrong) {
  std::uint64_t turn = 0;
  while (!stop.load()) {
    const auto seen = engine.size().value();
    const auto user = engine.search(where(query::Field::user_id, "u3"));
    const auto rare =
        engine.search(where(query::Field::execution_id, "x" + std::to_string(seen / 4)));
    if (!user || !rare || user->tree_size.value() < seen) {
      ++wrong;
      return;
    }
    const auto size = user->tree_size.value();
    if (user->total != size / 10 + (size % 10 > 3 ? 1 : 0)) ++wrong;
    if (!user->entries.empty() && user->entries.front().value() % 10 != 3) ++wrong;
    const auto first = seen / 4 * 4;
    if (rare->total != std::min<std::uint64_t>(4, rare->tree_size.value() - first)) ++wrong;
    std::uint64_t exported = 0;
    const auto cursor = engine.descending(
        where(query::Field::tenant_id, "t" + std::to_string(++turn % 5)).filter, TreeSize(seen));
    while (cursor) {
      const auto piece = (*cursor)->next(100);
      if (!piece || piece->empty()) break;
      exported += piece->size();
    }
    if (!cursor || exported != (seen + 4 - turn % 5) / 5) ++wrong;
    query::Aggregate request;
    request.by = {{"userId", query::Field::user_id}};
    const auto counted = engine.aggregate(request);
    if (!counted || counted->total < seen || counted->groups.top.size() > 10 ||
        counted->groups.others != 0) {
      ++wrong;
    }
    static_cast<void>(engine.has_tenant("t" + std::to_string(turn)));
  }
}

TEST(EngineConcurrency, QueriesBesideTheWriterAreExact) {
  FakeReader reader;
  const auto engine = Engine::make(reader);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] { query_until(*engine, stop, wrong); });
  }
  for (std::uint64_t i = 0; i < kEntries;) {
    std::vector<ledger::StoredEntry> group;
    for (std::uint64_t left = 1 + i % 50; left > 0 && i < kEntries; --left, ++i) {
      group.push_back(reader.append(event(i)));
    }
    engine->add(group);
  }
  stop = true;
  for (auto& thread : readers) thread.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(engine->size(), TreeSize(kEntries));
}

}  // namespace
}  // namespace daybook::search
