// SPDX-License-Identifier: Apache-2.0
// Appends per fdatasync against plain append+fdatasync on the same disk, opening, reading, proofs.
// Files go to a new directory under the working directory: run it on the disk that is meant.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "daybook/core/clock.h"
#include "daybook/core/metrics.h"
#include "daybook/core/random.h"
#include "daybook/ledger/ledger.h"

namespace {

using daybook::EntryIndex;
using daybook::FileSystem;
using daybook::ledger::append_and_wait;
using daybook::ledger::Draft;
using daybook::ledger::Ledger;
using daybook::ledger::prepare;
using daybook::ledger::Reader;

constexpr std::size_t kEventBytes = 600;  // Of text, so that a record is about a kibibyte.

class Directory {
 public:
  Directory()
      : path_("ledger_bench." + std::to_string(::getpid()) + "." + std::to_string(next_++)) {
    std::filesystem::create_directories(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] const FileSystem::Path& path() const { return path_; }

 private:
  static inline std::atomic<int> next_{0};
  FileSystem::Path path_;
};

Draft make_draft() {
  daybook::record::Event event;
  event.id = daybook::random_base62(daybook::system_random(), 22);
  event.tenant_id = "main";
  event.date = daybook::system_clock().now();
  event.recorded_at = event.date;
  event.action = "UPDATE";
  event.resource = "FLOW";
  event.detail = {{"id", "flow"}, {"text", std::string(kEventBytes, 'x')}};
  event.actor.user_id = "u1";
  std::string content = event.id;
  return prepare(event, std::move(content), daybook::system_random());
}

std::vector<Draft> make_batch(std::size_t count) {
  std::vector<Draft> batch;
  for (std::size_t n = 0; n < count; ++n) batch.push_back(make_draft());
  return batch;
}

struct OpenLedger {
  explicit OpenLedger(const FileSystem::Path& dir) {
    auto opened = Ledger::open(daybook::posix_file_system(), dir, {}, daybook::system_clock(),
                               daybook::system_random(), metrics);
    if (opened) ledger = *std::move(opened);
  }
  daybook::Metrics metrics;
  std::unique_ptr<Ledger> ledger;
};

// What the bar depends on: one write of a kibibyte and one fdatasync, again and again.
void BM_PlainAppendAndSync(benchmark::State& state) {
  const Directory dir;
  const auto file =
      daybook::posix_file_system().open(dir.path() / "plain", daybook::OpenMode::create_new);
  const daybook::Bytes kibibyte(1024, 'x');
  std::uint64_t end = 0;
  for (auto step : state) {
    if (!(*file)->write_at(end, kibibyte) || !(*file)->sync()) state.SkipWithError("disk");
    end += kibibyte.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_PlainAppendAndSync)->UseRealTime()->MinTime(2);

// Each client waits for its own event before it sends the next one.
void BM_Append(benchmark::State& state) {
  static std::unique_ptr<Directory> dir;
  static std::unique_ptr<OpenLedger> open;
  if (state.thread_index() == 0) {
    dir = std::make_unique<Directory>();
    open = std::make_unique<OpenLedger>(dir->path());
  }
  for (auto step : state) {
    if (!append_and_wait(*open->ledger, make_batch(1))) state.SkipWithError("append");
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    const auto groups = open->metrics.counter("daybook_ledger_groups_total", "").value();
    const auto entries = static_cast<double>(open->ledger->reader().size().value());
    state.counters["per_sync"] = groups > 0 ? entries / groups : 0;
    open.reset();
    dir.reset();
  }
}
BENCHMARK(BM_Append)->UseRealTime()->MinTime(2)->Threads(1)->Threads(64);

void BM_AppendBatch(benchmark::State& state) {
  const Directory dir;
  OpenLedger open(dir.path());
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto step : state) {
    if (!append_and_wait(*open.ledger, make_batch(count))) state.SkipWithError("append");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_AppendBatch)->UseRealTime()->Arg(1000);

// A stopped ledger of that many entries, opened again.
void BM_Open(benchmark::State& state) {
  const Directory dir;
  const auto count = static_cast<std::uint64_t>(state.range(0));
  {
    OpenLedger open(dir.path());
    for (std::uint64_t n = 0; n < count; n += 1000) {
      if (!append_and_wait(*open.ledger, make_batch(1000))) state.SkipWithError("append");
    }
    if (!open.ledger->close()) state.SkipWithError("close");
  }
  for (auto step : state) {
    OpenLedger open(dir.path());
    if (!open.ledger || open.ledger->reader().size().value() != count) state.SkipWithError("open");
    if (!open.ledger->close()) state.SkipWithError("close");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Open)->UseRealTime()->Arg(100'000)->Iterations(3)->Unit(benchmark::kMillisecond);

void BM_ReadAndProve(benchmark::State& state) {
  const Directory dir;
  OpenLedger open(dir.path());
  constexpr std::uint64_t kCount = 50'000;
  for (std::uint64_t n = 0; n < kCount; n += 1000) {
    if (!append_and_wait(*open.ledger, make_batch(1000))) state.SkipWithError("append");
  }
  const Reader& reader = open.ledger->reader();
  std::uint64_t index = 0;
  for (auto step : state) {
    index = (index + 7919) % kCount;
    benchmark::DoNotOptimize(reader.read(EntryIndex(index)));
    benchmark::DoNotOptimize(reader.inclusion_proof(EntryIndex(index), daybook::TreeSize(kCount)));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ReadAndProve);

}  // namespace
