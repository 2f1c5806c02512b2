// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daybook/ledger/ledger.h"

#include "group_builder.h"
#include "journal_writer.h"
#include "key_ring.h"
#include "maintenance.h"
#include "sealer.h"
#include "space_reserve.h"
#include "store.h"

namespace daybook::ledger {

struct LedgerMetrics {
  explicit LedgerMetrics(Metrics& metrics);
  Metrics::Counter entries;
  Metrics::Counter duplicates;
  Metrics::Counter groups;
  Metrics::Histogram group_seconds;
  Metrics::Gauge size;
  Metrics::Gauge checkpoint_size;
  Metrics::Gauge queue_bytes;
  Metrics::Gauge writable;
  Metrics::Gauge disk_full;
};

// What opening a directory has found and made ready.
struct OpenedLedger {
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<KeyRing> keys;
  std::unique_ptr<Store> store;
  std::unique_ptr<JournalWriter> journal;
  std::unique_ptr<Sealer> sealer;
  Ledger::Recovery recovery;
};
Result<OpenedLedger> open_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                    const Ledger::Options& options, const Clock& clock,
                                    Random& random);

// The ledger with its writer's thread. Destruction without close() drops what waits
// (Errc::cancelled) and leaves the directory as after a crash.
class LedgerImpl final : public Ledger {
 public:
  LedgerImpl(FileSystem& fs, FileSystem::Path data_dir, Options options, const Clock& clock,
             Random& random, Metrics& metrics, OpenedLedger opened);
  ~LedgerImpl() override;

  [[nodiscard]] const Recovery& recovery() const override { return recovery_; }
  [[nodiscard]] const Reader& reader() const override { return *store_; }
  void set_observer(Observer observer) override;
  void append(std::vector<Draft> batch, std::function<void(Result<Appended>)> done) override;
  void publish(std::function<void(Result<PublishedCheckpoint>)> done) override;
  Status erase(std::vector<Erasure> erasures) override;
  // Once, before anybody knows of the ledger: what a crash interrupted.
  Status finish_erasures() { return maintenance_->finish_erasures(); }
  Status maintain() override { return maintenance_->run_once(); }
  SigningKeys& signing_keys() override { return *keys_; }
  [[nodiscard]] bool writable() const override { return !stopped_; }
  [[nodiscard]] std::string stopped_because() const override;
  Status close() override;

  // For what reads the ledger beside the writer (Scrubber). Any thread.
  [[nodiscard]] const Store& store() const { return *store_; }
  void stop_writing(const Error& why) { stop(why); }

 private:
  using Publisher = std::function<void(Result<PublishedCheckpoint>)>;
  using Task = std::function<void(bool may_run)>;
  enum class Phase : std::uint8_t { running, closing, abandoned, ended };
  struct Work {
    std::vector<Waiting> batches;
    std::vector<Publisher> publishers;
    std::vector<Task> tasks;
    Phase phase = Phase::running;
  };

  // Writer's thread.
  void run();
  Work next_work();
  void write(std::vector<Waiting> batches);
  Status write_unless_full(GroupBuilder& builder);
  Status write_group(const GroupBuilder& builder);
  void show_group(const GroupBuilder& builder);
  Result<PublishedCheckpoint> seal();
  [[nodiscard]] bool seal_is_due() const;
  [[nodiscard]] std::int64_t ms_to_seal() const;
  void stop(const Error& why);
  void drop(Work work);
  void take_reserve();
  void begin_full();
  void disk_is_full();
  void look_for_space();
  void note(std::string_view action, record::Json detail);

  // Runs `task` between two groups, on the writer's thread, and waits for it.
  Status without_writer(const std::function<Status()>& task);
  [[nodiscard]] Error refusal() const;
  Status mark_clean();

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  const Options options_;
  const Clock& clock_;
  Random& random_;
  LedgerMetrics metrics_;
  const Recovery recovery_;
  std::unique_ptr<FileLock> lock_;
  const std::unique_ptr<KeyRing> keys_;
  const std::unique_ptr<Store> store_;

  // Writer's thread only.
  const std::unique_ptr<JournalWriter> journal_;
  const std::unique_ptr<Sealer> sealer_;
  Bytes group_bytes_;
  std::optional<std::int64_t> unsealed_since_;  // Clock::steady_ms of the first entry not covered.
  Status last_seal_;
  SpaceReserve reserve_;
  std::optional<UnixMillis> full_since_;  // The disk is full.
  std::uint64_t refused_batches_ = 0;     // Since then.
  std::int64_t next_look_ms_ = 0;         // Clock::steady_ms.

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> queue_;
  std::uint64_t queue_bytes_ = 0;
  std::vector<Publisher> publishers_;
  std::vector<Task> tasks_;
  Phase phase_ = Phase::running;
  Observer observer_;
  std::string stopped_because_;
  std::atomic<bool> stopped_{false};

  std::unique_ptr<Maintenance> maintenance_;

  std::mutex close_mutex_;  // close() and destruction.
  std::optional<Status> closed_;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace daybook::ledger
