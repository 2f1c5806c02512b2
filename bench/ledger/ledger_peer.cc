// SPDX-License-Identifier: Apache-2.0
// One measurement of one store, as a JSON line on stdout; run.py puts them together.
//   ledger_peer append daybook|plain|sqlite|rocksdb one|many|batch DIR SECONDS
//   ledger_peer ledger DIR ENTRIES     size, opening, proofs, verification of our ledger
//   ledger_peer sealing DIR ENTRIES    p99 of one client's appends beside sealing and without
//   ledger_peer events COUNT           the events as lines
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>

#include "daybook/core/clock.h"
#include "daybook/core/metrics.h"
#include "daybook/core/random.h"
#include "daybook/ledger/ledger.h"
#include "daybook/ledger/merkle.h"
#include "daybook/ledger/verify.h"

#include "events.h"
#include "peers.h"

namespace daybook::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

struct Mode {
  std::size_t clients;
  std::size_t batch;
  std::size_t events_max;
};
Mode mode_of(std::string_view name) {
  if (name == "one") return {1, 1, 60'000};
  if (name == "many") return {64, 1, 250'000};
  if (name == "batch") return {2, 1000, 600'000};
  give_up("mode is one, many or batch");
}

std::unique_ptr<Peer> peer_of(std::string_view name, const Data& data, const char* dir) {
  if (name == "daybook") return daybook_peer(data, dir);
  if (name == "plain") return plain_peer(data, dir);
  if (name == "sqlite") return sqlite_peer(data, dir);
  if (name == "rocksdb") {
    if (auto peer = rocksdb_peer(data, dir)) return peer;
    give_up("built without RocksDB: install librocksdb-dev and configure anew");
  }
  give_up("no such peer");
}

// Each client waits for its batch before it sends the next one.
void append(const char* name, const char* mode_name, const char* dir, double limit) {
  const Mode mode = mode_of(mode_name);
  const Data data = make_data(mode.events_max);
  auto peer = peer_of(name, data, dir);
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> appended{0};
  std::vector<std::vector<double>> waits(mode.clients);
  std::vector<std::thread> clients;
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  for (std::size_t client = 0; client < mode.clients; ++client) {
    clients.emplace_back([&, client] {
      while (seconds_since(start) < limit) {
        const std::size_t from = next.fetch_add(mode.batch);
        if (from + mode.batch > data.events.size()) return;
        const auto sent = Clock::now();
        peer->append(from, mode.batch);
        waits[client].push_back(seconds_since(sent));
        appended += mode.batch;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  const double took = seconds_since(start);
  const double cpu_took = cpu_seconds() - cpu;
  peer.reset();
  std::vector<double> all;
  for (const auto& some : waits) all.insert(all.end(), some.begin(), some.end());
  const auto count = static_cast<double>(appended.load());
  std::printf(
      R"({"peer":"%s","mode":"%s","events":%.0f,"rate":%.0f,"p50ms":%.3f,"p99ms":%.3f,"cpuUs":%.2f})"
      "\n",
      name, mode_name, count, count / took, quantile(all, 0.5) * 1e3, quantile(all, 0.99) * 1e3,
      cpu_took / count * 1e6);
}

struct Opened {
  explicit Opened(const std::filesystem::path& dir, bool background = true) {
    ledger::Ledger::Options options;
    options.background = background;
    auto opened = ledger::Ledger::open(posix_file_system(), dir, options, system_clock(),
                                       system_random(), metrics);
    if (!opened) give_up(opened.error().context);
    ledger = *std::move(opened);
  }
  void close() {
    if (const Status closed = ledger->close(); !closed) give_up(closed.error().context);
    ledger.reset();
  }
  Metrics metrics;
  std::unique_ptr<ledger::Ledger> ledger;
};

std::vector<ledger::Draft> next_batch(EventSource& source, std::size_t count) {
  std::vector<ledger::Draft> batch;
  batch.reserve(count);
  for (std::size_t n = 0; n < count; ++n) {
    const record::Event event = source.next();
    batch.push_back(ledger::prepare(event, as_json(event), system_random()));
  }
  return batch;
}

void fill(const std::filesystem::path& dir, std::uint64_t entries) {
  constexpr std::uint64_t kBatch = 4096;
  EventSource source(1);
  Opened open(dir);
  for (std::uint64_t n = 0; n < entries; n += kBatch) {
    auto batch = next_batch(source, std::min(kBatch, entries - n));
    const auto done = ledger::append_and_wait(*open.ledger, std::move(batch));
    if (!done) give_up(done.error().context);
  }
  if (!ledger::publish_and_wait(*open.ledger)) give_up("publish");
  if (const Status sealed = open.ledger->maintain(); !sealed) give_up(sealed.error().context);
  open.close();
}

// Of the segments alone, an entry: what a ledger settles to, whatever its last part is.
double sealed_bytes_per_entry(const std::filesystem::path& dir) {
  std::uintmax_t bytes = 0;
  std::uint64_t segments = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir / "ledger")) {
    if (!file.path().filename().string().starts_with("segment-")) continue;
    bytes += file.file_size();
    ++segments;
  }
  return static_cast<double>(bytes) / static_cast<double>(segments * 65'536);
}

struct Proofs {
  double p50;
  double p99;
  double verify;
};
Proofs prove(const std::filesystem::path& dir, std::uint64_t entries) {
  constexpr std::size_t kProofs = 3000;
  Opened open(dir);
  const ledger::Reader& reader = open.ledger->reader();
  const Hash root = reader.root(TreeSize(entries));
  std::vector<double> made;
  std::vector<double> verified;
  std::uint64_t index = 0;
  for (std::size_t n = 0; n < kProofs; ++n) {
    index = (index * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U);
    const std::uint64_t entry = (index >> 20U) % entries;
    auto start = Clock::now();
    const auto proof = reader.inclusion_proof(EntryIndex(entry), TreeSize(entries));
    made.push_back(seconds_since(start));
    if (!proof) give_up(proof.error().context);
    const Hash leaf = reader.leaf_hash(EntryIndex(entry));
    start = Clock::now();
    const bool good = ledger::verify_inclusion(entry, entries, leaf, *proof, root);
    verified.push_back(seconds_since(start));
    if (!good) give_up("a proof does not verify");
  }
  open.close();
  return {quantile(made, 0.5), quantile(made, 0.99), quantile(verified, 0.5)};
}

void ledger_figures(const std::filesystem::path& dir, std::uint64_t entries) {
  fill(dir, entries);
  std::vector<double> opens;
  for (int n = 0; n < 5; ++n) {
    const auto start = Clock::now();
    Opened open(dir);
    opens.push_back(seconds_since(start));
    open.close();
  }
  const Proofs proofs = prove(dir, entries);
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  const auto report = ledger::verify_directory(posix_file_system(), dir, {});
  const double verify = seconds_since(start);
  const double verify_cpu = cpu_seconds() - cpu;
  if (!report || !report->ok) give_up("the ledger does not verify");
  const auto count = static_cast<double>(entries);
  std::printf(R"({"entries":%.0f,"bytesPerEntry":%.1f,"openMs":%.1f,"proofP50Ms":%.3f,)"
              R"("proofP99Ms":%.3f,"proofVerifyUs":%.2f,"verifyRate":%.0f,"verifyRatePerCpu":%.0f})"
              "\n",
              count, sealed_bytes_per_entry(dir), quantile(opens, 0.5) * 1e3, proofs.p50 * 1e3,
              proofs.p99 * 1e3, proofs.verify * 1e6, count / verify, count / verify_cpu);
}

// One client appends while the background seals, and then while it has nothing to do.
void sealing(const std::filesystem::path& dir, std::uint64_t entries) {
  EventSource source(1);
  {
    Opened open(dir, false);
    for (std::uint64_t n = 0; n < entries; n += 4096) {
      if (!ledger::append_and_wait(*open.ledger, next_batch(source, 4096))) give_up("append");
    }
    open.close();
  }
  const auto waits = [&](ledger::Ledger& ledger) {
    std::vector<double> took;
    const auto begin = Clock::now();
    while (seconds_since(begin) < 3) {
      auto batch = next_batch(source, 1);
      const auto start = Clock::now();
      if (!ledger::append_and_wait(ledger, std::move(batch))) give_up("append");
      took.push_back(seconds_since(start));
    }
    return took;
  };
  Opened open(dir);
  auto beside = waits(*open.ledger);
  if (!open.ledger->maintain()) give_up("maintain");
  auto alone = waits(*open.ledger);
  open.close();
  std::printf(R"({"appendP50MsSealing":%.3f,"appendP99MsSealing":%.3f,"appendP50Ms":%.3f,)"
              R"("appendP99Ms":%.3f})"
              "\n",
              quantile(beside, 0.5) * 1e3, quantile(beside, 0.99) * 1e3, quantile(alone, 0.5) * 1e3,
              quantile(alone, 0.99) * 1e3);
}

void events(std::size_t count) {
  EventSource source(1);
  for (std::size_t n = 0; n < count; ++n) std::puts(as_json(source.next()).c_str());
}

int run(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if (what == "append" && count == 6) {
    append(arguments[2], arguments[3], arguments[4], std::strtod(arguments[5], nullptr));
  } else if (what == "ledger" && count == 4) {
    ledger_figures(arguments[2], std::strtoull(arguments[3], nullptr, 10));
  } else if (what == "sealing" && count == 4) {
    sealing(arguments[2], std::strtoull(arguments[3], nullptr, 10));
  } else if (what == "events" && count == 3) {
    events(std::strtoull(arguments[2], nullptr, 10));
  } else {
    std::fprintf(stderr, "usage: see the head of ledger_peer.cc\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace daybook::bench

int main(int count, char** arguments) {
  return daybook::bench::run(count, arguments);
}
