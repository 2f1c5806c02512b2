// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"
#include "daybook/net/task.h"
#include "daybook/record/event.h"

namespace daybook::capture {

class Spool;

// An append on its way. The ledger's writer completes it; one coroutine may wait for it, now or
// later.
//
// Threads: wait() from one coroutine, once; done() from any thread.
class PendingAppend {
 public:
  // The result may come before this returns.
  static std::shared_ptr<PendingAppend> start(ledger::Ledger& ledger,
                                              std::vector<ledger::Draft> batch,
                                              std::function<void(bool stored)> completed);

  [[nodiscard]] bool done() const;
  // Suspends until the batch is durable or refused.
  static net::Task<Result<ledger::Appended>> wait(std::shared_ptr<PendingAppend> append);

 private:
  void complete(Result<ledger::Appended> result);
  void when_done(std::function<void()> resume);

  mutable std::mutex mutex_;
  std::optional<Result<ledger::Appended>> result_;
  std::function<void()> resume_;
};

// The one door to the ledger: gives events an id (if they have none) and recordedAt, makes drafts
// of them and suspends until their group is durable and searchable. Threads: any.
class Recorder {
 public:
  Recorder(ledger::Ledger& ledger, const Clock& clock, Random& random);

  // All or nothing.
  net::Task<Result<ledger::Appended>> record(std::vector<record::Event> events);
  // With the canonical content of each, for idempotency (ingest).
  net::Task<Result<ledger::Appended>> record(std::vector<record::Event> events,
                                             std::vector<std::string> contents);
  // Hands the events over and returns at once; wait() on the result for durability. `contents` is
  // empty or has one item an event.
  std::shared_ptr<PendingAppend> begin(std::vector<record::Event> events,
                                       std::vector<std::string> contents);
  // Hands the events over and does not wait. What the ledger refuses goes to the spool; what that
  // cannot take, or where there is none, is counted and diagnosed.
  void record_later(std::vector<record::Event> events);

  // `spool` outlives the recorder and every append on its way.
  void use_spool(Spool* spool) { spool_ = spool; }
  // An append of the oldest events in the spool, `count` of them; nothing if it is empty. The
  // caller waits for it and says how it ended (Heartbeat does).
  std::shared_ptr<PendingAppend> begin_spooled(std::size_t& count);
  void end_spooled(std::size_t count, const Result<ledger::Appended>& result);

  [[nodiscard]] std::string new_id();  // 22 base62.
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] ledger::Ledger& ledger() { return ledger_; }

  // Clock::steady_ms() of the last append that became durable; of construction before the first.
  [[nodiscard]] std::int64_t last_stored_steady_ms() const { return state_->last_stored; }
  // Events given to record_later() that the ledger refused.
  [[nodiscard]] std::uint64_t refused_later() const;

  // Events that were lost one after the other because the ledger refused them.
  struct Gap {
    UnixMillis from = 0;  // First and last refusal.
    UnixMillis to = 0;
    std::uint64_t count = 0;
  };
  // The gap since the last call, if there is one; it is the caller's to record (Heartbeat does).
  [[nodiscard]] std::optional<Gap> take_gap();
  void put_back(const Gap& gap);

 private:
  // Outlives the recorder as long as an append is on its way.
  struct State {
    std::atomic<std::int64_t> last_stored{0};
    std::mutex mutex;
    std::uint64_t refused_later = 0;
    Gap gap;
    void refuse(UnixMillis from, UnixMillis to, std::uint64_t count);
  };

  std::vector<ledger::Draft> make_drafts(std::vector<record::Event>& events,
                                         std::vector<std::string>& contents);

  ledger::Ledger& ledger_;
  const Clock& clock_;
  Random& random_;
  Spool* spool_ = nullptr;
  std::shared_ptr<State> state_;
};

}  // namespace daybook::capture
