// SPDX-License-Identifier: Apache-2.0
#include "daybook/witness/witnesses.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "daybook/core/diagnostics.h"

#include "session.h"

namespace daybook::witness {
namespace {

using std::chrono::milliseconds;

// Sleeps are cut into slices so that stop() is soon heard.
constexpr milliseconds kSlice{100};
// Sizes of which cosignatures are kept in memory; a file holds only each witness's last.
constexpr std::size_t kSizesMax = 4096;

// One witness as the loop knows it.
struct Watched {
  Watched(PolicyWitness of, net::BaseUrl url, const ledger::Reader& reader, milliseconds timeout,
          Metrics& metrics)
      : witness(std::move(of)),
        session(reader, witness.key, std::move(url), timeout),
        size(metrics.gauge("daybook_witness_cosigned_size", "Entries a witness has cosigned",
                           {{"witness", witness.name}})),
        failures(metrics.counter("daybook_witness_failures_total",
                                 "Requests to a witness that gave no cosignature",
                                 {{"witness", witness.name}})),
        alarms(metrics.gauge("daybook_witness_alarm",
                             "1 if a witness remembers what this ledger contradicts",
                             {{"witness", witness.name}})) {
    alarms.set(0);
  }

  PolicyWitness witness;
  Session session;
  Metrics::Gauge size;
  Metrics::Counter failures;
  Metrics::Gauge alarms;
};

// Outlives the object: the coroutines hold it until they have ended.
struct State {
  State(const ledger::Reader& reader_in, FileSystem& fs_in, Options options_in,
        const Clock& clock_in, Random& random_in, std::function<void(Alarm)> on_alarm_in)
      : reader(reader_in),
        fs(fs_in),
        options(std::move(options_in)),
        clock(clock_in),
        random(random_in),
        on_alarm(std::move(on_alarm_in)) {}

  const ledger::Reader& reader;
  FileSystem& fs;
  const Options options;
  const Clock& clock;
  Random& random;
  const std::function<void(Alarm)> on_alarm;
  std::vector<std::unique_ptr<Watched>> watched;
  std::atomic<bool> stopping{false};
  std::atomic<int> running{0};

  struct OfSize {
    std::string text;
    std::map<std::string, std::string> lines;  // By the policy's name.
  };
  mutable std::mutex mutex;
  std::vector<WitnessStatus> status;
  std::map<std::uint64_t, OfSize> by_size;

  // Takes a cosignature of a checkpoint whose text is `last.text`.
  void keep(std::size_t at, const LastCosigned& last, UnixMillis when) {
    const std::uint64_t size = last.checkpoint.size.value();
    watched[at]->size.set(static_cast<double>(size));
    const std::scoped_lock lock(mutex);
    status[at].cosigned = std::max(status[at].cosigned.value_or(0), size);
    status[at].cosigned_at = when;
    status[at].problem.clear();
    OfSize& of = by_size[size];
    of.text = last.text;
    of.lines[status[at].name] = last.line;
    if (by_size.size() > kSizesMax) by_size.erase(by_size.begin());
  }

  void fail(std::size_t at, std::string problem) {
    watched[at]->failures.add();
    const std::scoped_lock lock(mutex);
    status[at].problem = std::move(problem);
  }

  // Told once a witness; a good answer later does not take it back.
  void raise(std::size_t at, const std::string& what) {
    watched[at]->alarms.set(1);
    {
      const std::scoped_lock lock(mutex);
      status[at].problem = what;
      if (!status[at].alarm.empty()) return;
      status[at].alarm = what;
    }
    const std::string& name = watched[at]->witness.name;
    diagnose(Severity::error, "witness", "ALARM: " + name + ": " + what);
    if (on_alarm) on_alarm({name, what});
  }
};

milliseconds jittered(milliseconds wait, Random& random) {
  std::array<std::uint8_t, 1> byte{};
  random.fill(byte);
  return wait / 2 + wait * byte[0] / 510;  // Half to all of it.
}

net::Task<void> pause(std::shared_ptr<State> state, milliseconds wait) {
  while (wait.count() > 0 && !state->stopping) {
    co_await net::sleep_for(std::min(wait, kSlice));
    wait -= kSlice;
  }
}

// Whether the witness has to be asked: there is a newer checkpoint, or its word has grown old.
bool is_due(const State& state, std::size_t at, std::uint64_t size) {
  const std::scoped_lock lock(state.mutex);
  const WitnessStatus& status = state.status[at];
  if (size == 0) return false;
  if (!status.cosigned || *status.cosigned < size) return true;
  return state.clock.now() - status.cosigned_at >= state.options.recosign.count();
}

// Takes what the witness said; how long to wait before the next word, given the last wait after a
// failure.
milliseconds settle(State& state, std::size_t at, Outcome outcome, milliseconds& backoff) {
  switch (outcome.kind) {
    case Outcome::Kind::cosigned: {
      const Status written = write_cosignature(state.fs, state.options.dir,
                                               state.watched[at]->witness.key, *outcome.last);
      if (!written) diagnose(Severity::warn, "witness", written.error().context);
      state.keep(at, *outcome.last, state.clock.now());
      backoff = state.options.retry_min;
      return state.options.interval;
    }
    case Outcome::Kind::alarm:
      state.raise(at, outcome.what);
      return jittered(state.options.retry_max, state.random);
    case Outcome::Kind::refused:
      state.fail(at, std::move(outcome.what));
      return jittered(state.options.retry_max, state.random);
    case Outcome::Kind::try_later:
      break;
  }
  state.fail(at, std::move(outcome.what));
  const milliseconds asked{outcome.retry_after_s * 1000};
  const milliseconds wait = std::max(jittered(backoff, state.random), asked);
  backoff = std::min(backoff * 2, state.options.retry_max);
  return wait;
}

net::Task<void> run(std::shared_ptr<State> state, std::size_t at) {
  milliseconds backoff = state->options.retry_min;
  while (!state->stopping) {
    ledger::PublishedCheckpoint checkpoint = state->reader.latest_checkpoint();
    milliseconds wait = kSlice;
    if (is_due(*state, at, checkpoint.size.value())) {
      Outcome outcome = co_await state->watched[at]->session.offer(std::move(checkpoint));
      wait = settle(*state, at, std::move(outcome), backoff);
    }
    co_await pause(state, wait);
  }
  --state->running;
}

// What the witness had cosigned when we last heard of it must still be there: a directory that was
// rolled back behind it is noticed without a network.
void check_against_own_records(State& state, std::size_t at, const LastCosigned& last) {
  const ledger::Checkpoint& before = last.checkpoint;
  const TreeSize now = state.reader.size();
  if (before.origin != state.reader.origin() || before.size > now ||
      state.reader.root(before.size) != before.root) {
    state.raise(at, "the ledger does not hold what this witness had cosigned");
    return;
  }
  state.watched[at]->session.remember(before.size.value());
  state.keep(at, last, 0);
}

class WatchedLedger final : public Witnesses {
 public:
  explicit WatchedLedger(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~WatchedLedger() override { state_->stopping = true; }

  [[nodiscard]] std::string cosigned(const ledger::PublishedCheckpoint& checkpoint) const override {
    std::string note = checkpoint.note;
    const std::scoped_lock lock(state_->mutex);
    const auto of = state_->by_size.find(checkpoint.size.value());
    if (of == state_->by_size.end() || !note.starts_with(of->second.text + "\n")) return note;
    for (const auto& [name, line] : of->second.lines) note = with_line(note, line);
    return note;
  }

  [[nodiscard]] std::optional<std::uint64_t> quorum_size() const override {
    const std::scoped_lock lock(state_->mutex);
    // A witness that cosigned a tree stands for every smaller one too.
    std::set<std::string> by;
    std::vector<std::pair<std::uint64_t, std::string>> sizes;
    for (const WitnessStatus& one : state_->status) {
      if (one.cosigned && one.alarm.empty()) sizes.emplace_back(*one.cosigned, one.name);
    }
    std::sort(sizes.rbegin(), sizes.rend());
    for (const auto& [size, name] : sizes) {
      by.insert(name);
      if (has_quorum(state_->options.policy, by)) return size;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<WitnessStatus> status() const override {
    const std::scoped_lock lock(state_->mutex);
    return state_->status;
  }

  net::Task<void> stop() override {
    state_->stopping = true;
    while (state_->running > 0) co_await net::sleep_for(milliseconds(10));
    state_->watched.clear();  // Their connections go before the runtime does.
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace

Result<std::unique_ptr<Witnesses>> Witnesses::start(const net::Executor& executor,
                                                    const ledger::Reader& reader, FileSystem& fs,
                                                    Options options, const Clock& clock,
                                                    Random& random, Metrics& metrics,
                                                    std::function<void(Alarm)> on_alarm) {
  auto state =
      std::make_shared<State>(reader, fs, std::move(options), clock, random, std::move(on_alarm));
  for (const PolicyWitness& witness : state->options.policy.witnesses) {
    if (witness.url.empty()) continue;
    auto url = net::BaseUrl::parse(witness.url);
    if (!url) return Error{url.error().code, witness.name + ": " + url.error().context};
    state->watched.push_back(std::make_unique<Watched>(witness, *std::move(url), reader,
                                                       state->options.timeout, metrics));
    state->status.push_back({witness.name, {}, 0, {}, {}});
  }
  for (std::size_t at = 0; at < state->watched.size(); ++at) {
    auto last = read_cosignature(fs, state->options.dir, state->watched[at]->witness.key);
    // A damaged record is no reason to stay silent: the witness itself tells what it has.
    if (!last) diagnose(Severity::warn, "witness", last.error().path + ": " + last.error().context);
    if (last && *last) check_against_own_records(*state, at, **last);
  }
  state->running = static_cast<int>(state->watched.size());
  for (std::size_t at = 0; at < state->watched.size(); ++at) net::spawn(executor, run(state, at));
  return std::unique_ptr<Witnesses>(std::make_unique<WatchedLedger>(std::move(state)));
}

}  // namespace daybook::witness
