// SPDX-License-Identifier: Apache-2.0
//
// Pages over one million entries, shaped like the audit log of a busy Kestra: 20 tenants, 5,000
// users, 300 namespaces, 4,000 flows (all Zipf-like), 52% executions, 400 days.
// DAYBOOK_BENCH_ENTRIES changes the number.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include <benchmark/benchmark.h>

#include "daybook/core/check.h"
#include "daybook/ledger/reader.h"
#include "daybook/search/engine.h"

namespace daybook::search {
namespace {

constexpr UnixMillis kFirstDay = 1'760'000'000'000;
constexpr UnixMillis kDayMs = 86'400'000;

class Generator {
 public:
  record::Event next(std::uint64_t number, std::uint64_t total) {
    record::Event event;
    event.id = base62();
    event.tenant_id = "tenant" + std::to_string(skewed(20));
    event.date = kFirstDay +
                 static_cast<UnixMillis>(400.0 * static_cast<double>(kDayMs) *
                                         static_cast<double>(number) / static_cast<double>(total)) +
                 static_cast<UnixMillis>(random_() % 2000);
    event.recorded_at = event.date + 20;
    static constexpr std::array<const char*, 4> kActions{"CREATE", "UPDATE", "DELETE", "READ"};
    event.action = kActions[random_() % kActions.size()];
    const auto space = skewed(300);
    const auto flow = skewed(4000);
    event.detail = {
        {"namespace", "company.team" + std::to_string(space % 20) + ".n" + std::to_string(space)},
        {"flowId", "flow-" + std::to_string(flow)},
        {"revision", static_cast<std::int64_t>(random_() % 40)}};
    const auto dice = random_() % 100;
    event.resource = dice < 52   ? "EXECUTION"
                     : dice < 70 ? "FLOW"
                                 : "RESOURCE" + std::to_string(skewed(33));
    if (dice < 52) {
      if (execution_.empty() || random_() % 3 == 0) execution_ = base62();
      event.detail["executionId"] = execution_;
    }
    event.detail["id"] = dice < 52 ? execution_ : "flow-" + std::to_string(flow);
    event.source = record::Source::gateway;
    const auto user = "user-" + std::to_string(skewed(5000));
    event.actor.user_id = user;
    event.actor.username = user + "@example.com";
    event.actor.ip_address =
        "10.0." + std::to_string(skewed(12)) + "." + std::to_string(random_() % 250);
    event.actor.submitter = record::Submitter{"gateway-1", "gateway", "SERVICE_ACCOUNT", {}};
    return event;
  }

 private:
  // 0 to count - 1, the small ones much more often.
  std::uint64_t skewed(std::uint64_t count) {
    const double unit = static_cast<double>(random_() >> 11U) * 0x1p-53;
    return std::min(count - 1,
                    static_cast<std::uint64_t>(std::pow(static_cast<double>(count), unit)) - 1);
  }
  std::string base62() {
    static constexpr char kDigits[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string out(22, '0');
    for (auto& c : out) c = kDigits[random_() % 62];
    return out;
  }

  std::mt19937_64 random_{1};
  std::string execution_;
};

struct KeyHash {
  std::size_t operator()(const ledger::IdKey& key) const {
    std::size_t hash = 0;
    for (std::size_t i = 0; i < sizeof(hash); ++i) hash = hash << 8U | key[i];
    return hash;
  }
};

// Only what search reads.
class MemoryReader final : public ledger::Reader {
 public:
  explicit MemoryReader(std::uint64_t count) {
    Generator generator;
    entries_.reserve(count);
    keys_.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto event = generator.next(i, count);
      ledger::StoredEntry entry;
      entry.index = EntryIndex(i);
      entry.parts = record::encode(event);
      keys_.emplace(ledger::id_key(*event.tenant_id, event.id), i);
      if (i == count / 2) middle = event;
      entries_.push_back(std::move(entry));
    }
  }
  [[nodiscard]] const std::string& origin() const override { return origin_; }
  [[nodiscard]] std::vector<std::string> keys() const override { return {}; }
  [[nodiscard]] TreeSize size() const override { return TreeSize(entries_.size()); }
  [[nodiscard]] Result<ledger::StoredEntry> read(EntryIndex index) const override {
    return entries_.at(index.value());
  }
  Status scan(EntryIndex from, EntryIndex to,
              const std::function<bool(const ledger::StoredEntry&)>& visit) const override {
    for (auto at = from.value(); at < to.value() && visit(entries_[at]); ++at) {
    }
    return {};
  }
  [[nodiscard]] std::optional<EntryIndex> find(const ledger::IdKey& key) const override {
    const auto at = keys_.find(key);
    return at == keys_.end() ? std::nullopt : std::optional(EntryIndex(at->second));
  }
  [[nodiscard]] Hash leaf_hash(EntryIndex) const override { return {}; }
  [[nodiscard]] Hash root(TreeSize) const override { return {}; }
  [[nodiscard]] Result<std::vector<Hash>> inclusion_proof(EntryIndex, TreeSize) const override {
    return Error{Errc::unsupported, ""};
  }
  [[nodiscard]] Result<std::vector<Hash>> consistency_proof(TreeSize, TreeSize) const override {
    return Error{Errc::unsupported, ""};
  }
  [[nodiscard]] ledger::PublishedCheckpoint latest_checkpoint() const override { return {}; }
  [[nodiscard]] Result<ledger::PublishedCheckpoint> checkpoint_at(TreeSize) const override {
    return Error{Errc::unsupported, ""};
  }
  [[nodiscard]] Result<Bytes> tile(const ledger::TileName&) const override {
    return Error{Errc::unsupported, ""};
  }

  record::Event middle;  // One whose values are asked for.

 private:
  std::string origin_ = "daybook/bench";
  std::vector<ledger::StoredEntry> entries_;
  std::unordered_map<ledger::IdKey, std::uint64_t, KeyHash> keys_;
};

std::uint64_t anonymous_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10) * 1024;
  }
  return 0;
}

struct World {
  World() {
    const char* wanted = std::getenv("DAYBOOK_BENCH_ENTRIES");
    reader = std::make_unique<MemoryReader>(wanted == nullptr ? 1'000'000
                                                              : std::strtoull(wanted, nullptr, 10));
    const auto count = static_cast<double>(reader->size().value());
    engine = Engine::make(*reader);
    const auto memory = anonymous_memory();
    const auto start = std::chrono::steady_clock::now();
    DAYBOOK_CHECK(engine->rebuild({}));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("entries %.0f, rebuild %.0f entries/s, %.1f bytes an entry\n", count,
                count / took.count(), static_cast<double>(anonymous_memory() - memory) / count);
  }
  std::unique_ptr<MemoryReader> reader;
  std::unique_ptr<Engine> engine;
};

World& world() {
  static World instance;
  return instance;
}

query::Search parse(const query::Params& params) {
  auto search = query::parse_search(params, query::Endpoint::search, kFirstDay + 400 * kDayMs);
  DAYBOOK_CHECK(search);
  return *std::move(search);
}

void run(benchmark::State& state, query::Search search, const std::string& tenant) {
  if (!tenant.empty()) {
    search.filter.all.push_back({query::Field::tenant_id, query::Op::equals, "", {tenant}, 0});
  }
  std::uint64_t total = 0;
  for (auto _ : state) {
    const auto page = world().engine->search(search);
    DAYBOOK_CHECK(page);
    total = page->total;
  }
  state.counters["total"] = static_cast<double>(total);
}

const record::Event& middle() {
  return world().reader->middle;
}

void latest_of_a_tenant(benchmark::State& state) {
  run(state, parse({{"size", "25"}}), "tenant0");
}
void latest_of_all(benchmark::State& state) {
  run(state, parse({{"size", "25"}}), "");
}
void user_and_range(benchmark::State& state) {
  run(state,
      parse({{"userId", *middle().actor.user_id},
             {"filters[timeRange][EQUALS]", "P300D"},
             {"size", "25"}}),
      "tenant0");
}
void resource_type_namespace(benchmark::State& state) {
  run(state,
      parse({{"resources", "FLOW"},
             {"type", "UPDATE"},
             {"namespace", "company.team3"},
             {"size", "25"},
             {"page", std::to_string(state.range(0))}}),
      "tenant0");
}
void history_of_a_flow(benchmark::State& state) {
  run(state, parse({{"flowId", middle().detail["flowId"]}, {"size", "100"}}), *middle().tenant_id);
}
void one_execution(benchmark::State& state) {
  run(state, parse({{"details[id]", middle().detail["id"]}}), *middle().tenant_id);
}
void one_id(benchmark::State& state) {
  run(state, parse({{"id", middle().id}}), "");
}
void a_revision(benchmark::State& state) {
  run(state, parse({{"details[revision]", "7"}}), "tenant1");
}
void sorted_by_user(benchmark::State& state) {
  run(state, parse({{"sort", "userId:asc"}, {"size", "25"}}), "");
}
void deep_page(benchmark::State& state) {
  run(state, parse({{"size", "1000"}, {"page", "500"}}), "");
}
void full_text_of_a_user(benchmark::State& state) {
  run(state, parse({{"q", "kv flow"}, {"userId", "user-2000"}}), "");
}
void export_a_tenant(benchmark::State& state) {
  query::Search search;
  search.filter.all.push_back({query::Field::tenant_id, query::Op::equals, "", {"tenant0"}, 0});
  std::uint64_t rows = 0;
  for (auto _ : state) {
    const auto cursor = world().engine->descending(search.filter, world().engine->size());
    DAYBOOK_CHECK(cursor);
    while (true) {
      const auto piece = (*cursor)->next(256);
      DAYBOOK_CHECK(piece);
      if (piece->empty()) break;
      rows += piece->size();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(rows));
}
void either_of_two(benchmark::State& state) {
  run(state,
      parse({{"filters[or][0][userId][EQUALS]", *middle().actor.user_id},
             {"filters[or][1][and][0][resources][EQUALS]", "FLOW"},
             {"filters[or][1][and][1][type][EQUALS]", "DELETE"},
             {"size", "25"}}),
      "tenant0");
}
void ids_by_pattern(benchmark::State& state) {
  run(state, parse({{"filters[id][REGEX]", "^A.*[0-9]$"}, {"size", "25"}}), "");
}
void namespaces_by_pattern(benchmark::State& state) {
  run(state, parse({{"filters[namespace][REGEX]", "team(3|7)\\.n[0-9]+$"}, {"size", "25"}}), "");
}

void count(benchmark::State& state, const query::Params& params) {
  const auto request = query::parse_aggregate(params, kFirstDay + 400 * kDayMs);
  DAYBOOK_CHECK(request);
  std::uint64_t total = 0;
  for (auto _ : state) {
    const auto counted = world().engine->aggregate(*request);
    DAYBOOK_CHECK(counted);
    total = counted->total;
  }
  state.counters["total"] = static_cast<double>(total);
}
void count_by_resource_and_type_a_day(benchmark::State& state) {
  count(state, {{"by", "resource,type"}, {"interval", "P1D"}, {"tz", "Europe/Berlin"}});
}
void count_with_facets(benchmark::State& state) {
  count(state, {{"resources", "FLOW,EXECUTION"},
                {"by", "resource"},
                {"facets", "resource,type,userId,namespace,actorKind,result"}});
}
void complete_a_user(benchmark::State& state) {
  count(state, {{"by", "userId"}, {"like", "ser-12"}, {"interval", "none"}});
}
void complete_an_execution(benchmark::State& state) {
  count(state, {{"by", "executionId"}, {"like", "abc"}, {"interval", "none"}});
}

// What a follower asks for at each growth.
void follow_ten_entries(benchmark::State& state) {
  const auto size = world().engine->size();
  const auto filter =
      query::parse_filter({{"filters[executionId][CONTAINS]", "ab"}, {"namespace", "company"}}, 0);
  DAYBOOK_CHECK(filter);
  for (auto _ : state) {
    const auto cursor = world().engine->ascending(*filter, EntryIndex(size.value() - 10), size);
    DAYBOOK_CHECK(cursor && (*cursor)->next(100));
  }
}
void add_entries(benchmark::State& state) {
  const auto fresh = Engine::make(*world().reader);
  std::uint64_t at = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<ledger::StoredEntry> group{*world().reader->read(EntryIndex(at++))};
    state.ResumeTiming();
    fresh->add(group);
  }
}

BENCHMARK(latest_of_a_tenant)->Unit(benchmark::kMillisecond);
BENCHMARK(latest_of_all)->Unit(benchmark::kMillisecond);
BENCHMARK(user_and_range)->Unit(benchmark::kMillisecond);
BENCHMARK(resource_type_namespace)->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(history_of_a_flow)->Unit(benchmark::kMillisecond);
BENCHMARK(one_execution)->Unit(benchmark::kMillisecond);
BENCHMARK(one_id)->Unit(benchmark::kMillisecond);
BENCHMARK(a_revision)->Unit(benchmark::kMillisecond);
BENCHMARK(sorted_by_user)->Unit(benchmark::kMillisecond);
BENCHMARK(deep_page)->Unit(benchmark::kMillisecond);
BENCHMARK(full_text_of_a_user)->Unit(benchmark::kMillisecond);
BENCHMARK(export_a_tenant)->Unit(benchmark::kMillisecond);
BENCHMARK(either_of_two)->Unit(benchmark::kMillisecond);
BENCHMARK(ids_by_pattern)->Unit(benchmark::kMillisecond);
BENCHMARK(namespaces_by_pattern)->Unit(benchmark::kMillisecond);
BENCHMARK(count_by_resource_and_type_a_day)->Unit(benchmark::kMillisecond);
BENCHMARK(count_with_facets)->Unit(benchmark::kMillisecond);
BENCHMARK(complete_a_user)->Unit(benchmark::kMillisecond);
BENCHMARK(complete_an_execution)->Unit(benchmark::kMillisecond);
BENCHMARK(follow_ten_entries)->Unit(benchmark::kMicrosecond);
BENCHMARK(add_entries)->Iterations(100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace daybook::search
