// SPDX-License-Identifier: Apache-2.0
#include "ledger_impl.h"

#include <algorithm>
#include <chrono>
#include <future>

#include "daybook/core/check.h"
#include "daybook/core/crash_point.h"
#include "daybook/core/diagnostics.h"

#include "ledger_files.h"
#include "stop_mark.h"

namespace daybook::ledger {

namespace {

// A group buffer larger than this is given back after use.
constexpr std::size_t kKeptBufferBytes = 16U << 20U;

// Kept back for what has to be said when the disk is full. A ledger whose calls are counted one by
// one, without anything in the background, keeps none.
constexpr std::uint64_t kReserveBytes = 8U << 20U;

bool is_passing(Errc code) {
  return code == Errc::exhausted || code == Errc::unavailable;
}

// Whether an answer speaks of entries that only this group makes durable.
bool rests_on_group(const Appended& answer, std::uint64_t first) {
  return std::ranges::any_of(
      answer.receipts, [first](const Receipt& receipt) { return receipt.index.value() >= first; });
}

}  // namespace

LedgerMetrics::LedgerMetrics(Metrics& metrics)
    : entries(metrics.counter("daybook_ledger_appended_entries_total", "Entries made durable")),
      duplicates(metrics.counter("daybook_ledger_duplicate_events_total",
                                 "Events that were in the ledger already")),
      groups(metrics.counter("daybook_ledger_groups_total", "Groups written, one fdatasync each")),
      group_seconds(metrics.histogram("daybook_ledger_group_write_seconds",
                                      "Time to write a group and make it durable", 0.0001)),
      size(metrics.gauge("daybook_ledger_size_entries", "Entries in the ledger")),
      checkpoint_size(metrics.gauge("daybook_ledger_checkpoint_size_entries",
                                    "Entries covered by the latest checkpoint")),
      queue_bytes(metrics.gauge("daybook_ledger_queue_bytes", "Drafts waiting for the writer")),
      writable(metrics.gauge("daybook_ledger_writable_ratio", "0 after writing had to stop")),
      disk_full(metrics.gauge("daybook_ledger_disk_full_ratio",
                              "1 while no entries are taken because the disk is full")) {}

LedgerImpl::LedgerImpl(FileSystem& fs, FileSystem::Path data_dir, Options options,
                       const Clock& clock, Random& random, Metrics& metrics, OpenedLedger opened)
    : fs_(fs),
      data_dir_(std::move(data_dir)),
      options_(std::move(options)),
      clock_(clock),
      random_(random),
      metrics_(metrics),
      recovery_(opened.recovery),
      lock_(std::move(opened.lock)),
      keys_(std::move(opened.keys)),
      store_(std::move(opened.store)),
      journal_(std::move(opened.journal)),
      sealer_(std::move(opened.sealer)),
      reserve_(fs_, data_dir_, options_.background ? kReserveBytes : 0) {
  const std::uint64_t covered = store_->latest_checkpoint().size.value();
  if (covered < store_->size().value()) unsealed_since_ = clock_.steady_ms();
  metrics_.size.set(static_cast<double>(store_->size().value()));
  metrics_.checkpoint_size.set(static_cast<double>(covered));
  metrics_.queue_bytes.set(0);
  metrics_.writable.set(1);
  maintenance_ = std::make_unique<Maintenance>(
      fs_, data_dir_, *store_, Maintenance::Options{options_.seal_bytes_per_second}, metrics,
      Maintenance::Callbacks{
          [this](const Error& why) { stop(why); },
          [this](const std::function<Status()>& task) { return without_writer(task); }});
  if (options_.background) maintenance_->start();
  thread_ = std::thread([this] { run(); });
}

LedgerImpl::~LedgerImpl() {
  const std::scoped_lock closing(close_mutex_);
  maintenance_->stop();
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::abandoned;
  }
  wake_.notify_all();
  thread_.join();
}

void LedgerImpl::set_observer(Observer observer) {
  const std::scoped_lock lock(mutex_);
  DAYBOOK_CHECK(!observer_);
  observer_ = std::move(observer);
}

Error LedgerImpl::refusal() const {
  if (stopped_) return Error{Errc::unavailable, "the ledger stopped writing: " + stopped_because()};
  return Error{Errc::unavailable, "the ledger is closed"};
}

void LedgerImpl::append(std::vector<Draft> batch, std::function<void(Result<Appended>)> done) {
  std::uint64_t bytes = 0;
  for (const Draft& draft : batch) bytes += draft_bytes(draft);
  std::optional<Error> refused;
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ != Phase::running) {
      refused = Error{Errc::unavailable, "the ledger is closed"};
    } else if (!queue_.empty() && queue_bytes_ + bytes > options_.queue_bytes_max) {
      refused = Error{Errc::exhausted, "too many events are waiting for the ledger"};
    } else {
      queue_bytes_ += bytes;
      queue_.push_back({std::move(batch), std::move(done), bytes});
    }
  }
  if (refused) {
    done(*std::move(refused));
  } else {
    wake_.notify_one();
  }
}

void LedgerImpl::publish(std::function<void(Result<PublishedCheckpoint>)> done) {
  bool taken = false;
  {
    const std::scoped_lock lock(mutex_);
    taken = phase_ == Phase::running;
    if (taken) publishers_.push_back(std::move(done));
  }
  if (taken) {
    wake_.notify_one();
  } else {
    done(refusal());
  }
}

std::string LedgerImpl::stopped_because() const {
  const std::scoped_lock lock(mutex_);
  return stopped_because_;
}

Status LedgerImpl::close() {
  const std::scoped_lock closing(close_mutex_);
  if (closed_) return *closed_;
  maintenance_->stop();
  {
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::closing;
  }
  wake_.notify_all();
  thread_.join();
  if (stopped_) {
    closed_ = refusal();
  } else if (!last_seal_) {
    closed_ = last_seal_;
  } else {
    closed_ = mark_clean();
  }
  lock_.reset();
  return *closed_;
}

// From here on every byte under ledger/ is covered by a signed checkpoint or a checksum.
Status LedgerImpl::mark_clean() {
  const FileSystem::Path dir = data_dir_ / kLedgerDir;
  crash_point("close.sealed");
  DAYBOOK_RETURN_IF_ERROR(fs_.remove(dir / kMarkerFile));
  crash_point("close.unmarked");
  return fs_.sync_dir(dir);
}

void LedgerImpl::run() {
  take_reserve();
  for (;;) {
    Work work = next_work();
    if (work.phase == Phase::abandoned) {
      drop(std::move(work));
      return;
    }
    const bool idle = work.batches.empty();
    write(std::move(work.batches));
    for (const Task& task : work.tasks) task(true);
    const bool last = idle && work.phase == Phase::closing;
    if (!work.publishers.empty() || seal_is_due() || last) {
      const auto sealed = seal();
      last_seal_ = sealed ? Status{} : Status(sealed.error());
      for (const Publisher& done : work.publishers) done(sealed);
    }
    if (last) return;
  }
}

LedgerImpl::Work LedgerImpl::next_work() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] {
    return !queue_.empty() || !publishers_.empty() || !tasks_.empty() || phase_ != Phase::running;
  };
  while (!ready() && !seal_is_due()) {
    if (unsealed_since_) {
      // The injected clock decides what is due; the real one only when to look again.
      wake_.wait_for(lock,
                     std::chrono::milliseconds(std::clamp<std::int64_t>(ms_to_seal(), 1, 50)));
    } else {
      wake_.wait(lock);
    }
  }
  Work work;
  work.phase = phase_;
  work.publishers.swap(publishers_);
  work.tasks.swap(tasks_);
  std::uint64_t bytes = 0;
  while (!queue_.empty() && (work.batches.empty() || phase_ == Phase::abandoned ||
                             bytes + queue_.front().bytes <= options_.group_bytes_max)) {
    bytes += queue_.front().bytes;
    work.batches.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queue_bytes_ -= bytes;
  metrics_.queue_bytes.set(static_cast<double>(queue_bytes_));
  return work;
}

void LedgerImpl::drop(Work work) {
  const Error error{Errc::cancelled, "the ledger was abandoned"};
  for (Waiting& batch : work.batches) batch.done(error);
  for (const Publisher& done : work.publishers) done(error);
  for (const Task& task : work.tasks) task(false);
}

Status LedgerImpl::without_writer(const std::function<Status()>& task) {
  std::promise<Status> done;
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ != Phase::running) return Error{Errc::cancelled, "the ledger is closing"};
    tasks_.push_back([&](bool may_run) {
      Status status = may_run ? task() : Status(Error{Errc::cancelled, "the ledger was abandoned"});
      journal_->reopen();
      done.set_value(std::move(status));
    });
  }
  wake_.notify_one();
  return done.get_future().get();
}

Status LedgerImpl::erase(std::vector<Erasure> erasures) {
  if (stopped_) return refusal();
  return maintenance_->erase(std::move(erasures));
}

void LedgerImpl::write(std::vector<Waiting> batches) {
  if (batches.empty()) return;
  if (stopped_) {
    for (Waiting& batch : batches) batch.done(refusal());
    return;
  }
  look_for_space();
  const std::uint64_t first = journal_->position().entries;
  GroupBuilder builder(*store_, first);
  std::vector<Result<Appended>> answers;
  answers.reserve(batches.size());
  for (Waiting& batch : batches) {
    answers.push_back(builder.add(batch.drafts));
    if (!answers.back() && answers.back().error().code == Errc::corrupt) {
      stop(answers.back().error());
      answers.back() = refusal();
    }
  }
  Status written;
  if (stopped_) {
    written = refusal();
  } else if (!builder.fresh().empty()) {
    written = write_unless_full(builder);
  }
  for (std::size_t n = 0; n < batches.size(); ++n) {
    Result<Appended>& answer = answers[n];
    if (answer && !written && rests_on_group(*answer, first)) answer = written.error();
    if (answer) {
      answer->tree_size = store_->size();
      metrics_.duplicates.add(static_cast<double>(answer->receipts.size() - answer->created));
    }
    batches[n].done(std::move(answer));
  }
  crash_point("group.answered");
}

Status LedgerImpl::write_unless_full(GroupBuilder& builder) {
  if (full_since_) {
    refused_batches_ += 1;
    return Error{Errc::exhausted, "the disk is full"};
  }
  crash_point("group.built");
  Status written = write_group(builder);
  if (written) show_group(builder);
  crash_point("group.shown");
  if (!written && written.error().code == Errc::exhausted) disk_is_full();
  return written;
}

Status LedgerImpl::write_group(const GroupBuilder& builder) {
  group_bytes_.assign(kGroupFrontBytes, 0);
  group_bytes_.reserve(kGroupFrontBytes + builder.payload_bytes());
  for (const Draft* draft : builder.fresh()) {
    put_record(group_bytes_,
               {draft->parts, draft->seed, draft->key, draft->content_digest, draft->commitments});
  }
  const auto started = std::chrono::steady_clock::now();
  const Status written = journal_->append(group_bytes_, builder.leaves());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  if (group_bytes_.capacity() > kKeptBufferBytes) Bytes().swap(group_bytes_);
  if (!written) {
    if (is_passing(written.error().code)) return written;
    stop(written.error());
    return refusal();
  }
  metrics_.group_seconds.observe(took.count());
  metrics_.groups.add();
  metrics_.entries.add(static_cast<double>(builder.fresh().size()));
  if (!unsealed_since_) unsealed_since_ = clock_.steady_ms();
  return {};
}

// The group is durable: first readers see it, then the observer, and only then do its callers hear.
void LedgerImpl::show_group(const GroupBuilder& builder) {
  GroupContent content;
  content.first = store_->size().value();
  content.file = journal_->position().file;
  content.leaves = builder.leaves();
  std::uint64_t offset = journal_->payload_offset();
  for (const Draft* draft : builder.fresh()) {
    content.offsets.push_back(offset);
    content.keys.push_back(draft->key);
    offset += record_bytes(draft->parts);
  }
  const std::uint64_t first = content.first;
  store_->add(content);
  metrics_.size.set(static_cast<double>(store_->size().value()));
  Observer observer;
  {
    const std::scoped_lock lock(mutex_);
    observer = observer_;
  }
  if (!observer) return;
  std::vector<StoredEntry> entries;
  entries.reserve(builder.fresh().size());
  for (Draft* draft : builder.fresh()) {
    entries.push_back({EntryIndex(first + entries.size()), std::move(draft->parts), draft->seed,
                       draft->commitments});
  }
  observer(entries);
}

bool LedgerImpl::seal_is_due() const {
  return unsealed_since_ && ms_to_seal() <= 0;
}

std::int64_t LedgerImpl::ms_to_seal() const {
  return *unsealed_since_ + options_.checkpoint_interval_ms - clock_.steady_ms();
}

Result<PublishedCheckpoint> LedgerImpl::seal() {
  if (stopped_) {
    unsealed_since_.reset();
    const PublishedCheckpoint latest = store_->latest_checkpoint();
    if (latest.size == store_->size()) return latest;
    return refusal();
  }
  auto sealed = sealer_->seal(journal_->position());
  unsealed_since_.reset();
  if (sealed) {
    metrics_.checkpoint_size.set(static_cast<double>(sealed->size.value()));
    if (options_.background) maintenance_->wake();
    return sealed;
  }
  if (is_passing(sealed.error().code)) {
    unsealed_since_ = clock_.steady_ms();  // Again after an interval.
    return sealed;
  }
  stop(sealed.error());
  return refusal();
}

void LedgerImpl::stop(const Error& why) {
  std::string text = why.context;
  if (!why.path.empty()) text += " (" + why.path + ")";
  diagnose(Severity::error, "ledger", "writing stops: " + text);
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    stopped_because_ = text;
    stopped_ = true;
  }
  metrics_.writable.set(0);
  put_stop_mark(fs_, data_dir_, text);
}

}  // namespace daybook::ledger
