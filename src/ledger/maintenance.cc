// SPDX-License-Identifier: Apache-2.0
#include "maintenance.h"

#include <algorithm>
#include <bit>
#include <chrono>

#include "daybook/core/crash_point.h"
#include "daybook/core/diagnostics.h"

namespace daybook::ledger {

namespace {

// After a full disk or an unreadable file.
constexpr std::chrono::seconds kRetryAfter{5};
// Sealing this many segments behind runs at full speed, and this many packs quickly: the journal,
// some 60 MB a segment, must not grow for ever.
constexpr std::uint64_t kBacklogMax = 4;
constexpr std::uint64_t kBacklogToPack = 64;

bool is_passing(Errc code) {
  return code == Errc::exhausted || code == Errc::unavailable || code == Errc::cancelled;
}

SegmentEntry to_segment_entry(const RecordView& record, const Hash& leaf) {
  SegmentEntry entry;
  entry.parts = record.parts;
  entry.seed = record.seed;
  entry.key = record.key;
  entry.tag = tag_of(record.content_digest);
  entry.leaf = leaf;
  entry.erased = record.erased;
  entry.salts = record.salts;
  entry.commitments = record.commitments;
  return entry;
}

}  // namespace

MaintenanceMetrics::MaintenanceMetrics(Metrics& metrics)
    : sealed(metrics.counter("daybook_ledger_sealed_entries_total",
                             "Entries moved from the journal into segments")),
      seal_seconds(metrics.histogram("daybook_ledger_seal_seconds",
                                     "Time to write and check a segment", 0.01)),
      segments(metrics.gauge("daybook_ledger_segments_count", "Segments of the ledger")) {}

Maintenance::Maintenance(FileSystem& fs, FileSystem::Path data_dir, Store& store,
                         const Options& options, Metrics& metrics, Callbacks callbacks)
    : fs_(fs),
      data_dir_(std::move(data_dir)),
      dir_(data_dir_ / kLedgerDir),
      store_(store),
      options_(options),
      metrics_(metrics),
      on_fatal_(std::move(callbacks.on_fatal)),
      without_writer_(std::move(callbacks.without_writer)) {
  metrics_.segments.set(static_cast<double>(store_.segments()));
}

Maintenance::~Maintenance() {
  stop();
}

void Maintenance::start() {
  thread_ = std::thread([this] { run(); });
}

void Maintenance::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  // A caller's thread that erases ends after the file it is at.
  const std::scoped_lock working(work_mutex_);
}

bool Maintenance::is_stopping() {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

void Maintenance::wake() {
  if (complete_segments() <= store_.segments()) return;
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Maintenance::run() {
  bool again = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto due = [this] { return stopping_ || woken_; };
      if (again) {
        changed_.wait_for(lock, kRetryAfter, [this] { return stopping_; });
      } else {
        changed_.wait(lock, due);
      }
      if (stopping_) return;
      woken_ = false;
    }
    const Status done =
        work([this](std::uint64_t bytes) { return wait_for_rate(bytes); }, Task::all);
    again = !done && is_passing(done.error().code);
  }
}

Status Maintenance::finish_erasures() {
  return work({}, Task::erase);
}

Status Maintenance::run_once() {
  return work({}, Task::all);
}

Status Maintenance::work(const Pace& pace, Task task) {
  const std::scoped_lock working(work_mutex_);
  if (broken_) return Error{Errc::unavailable, "the ledger stopped writing"};
  const auto all = [&]() -> Status {
    DAYBOOK_RETURN_IF_ERROR(finish_erasing());
    if (task == Task::erase) return {};
    DAYBOOK_RETURN_IF_ERROR(store_.load_names());
    DAYBOOK_RETURN_IF_ERROR(retire());
    while (store_.segments() < complete_segments()) DAYBOOK_RETURN_IF_ERROR(seal_next(pace));
    return {};
  };
  Status done = all();
  if (!done && done.error().code == Errc::exhausted) {
    diagnose(Severity::warn, "ledger", "sealing waits for space: " + done.error().context);
  }
  if (!done && !is_passing(done.error().code)) fail(done.error());
  return done;
}

Status Maintenance::erase(std::vector<Erasure> erasures) {
  {
    const std::scoped_lock working(work_mutex_);
    if (broken_) return Error{Errc::unavailable, "the ledger stopped writing"};
    if (is_stopping()) return Error{Errc::unavailable, "the ledger is closed"};
    DAYBOOK_ASSIGN_OR_RETURN(const auto unfinished, read_erasures(fs_, data_dir_));
    erasures.insert(erasures.end(), unfinished.begin(), unfinished.end());
    DAYBOOK_ASSIGN_OR_RETURN(const auto all,
                             merge_erasures(std::move(erasures), store_.size().value()));
    if (all.empty()) return {};
    Status put = put_ledger_file(fs_, data_dir_, kErasingFile, encode_erasures(all));
    if (!put && !is_passing(put.error().code)) fail(put.error());
    DAYBOOK_RETURN_IF_ERROR(put);
    erasing_ = true;
  }
  return work({}, Task::erase);
}

Status Maintenance::finish_erasing() {
  if (!erasing_) return {};
  DAYBOOK_ASSIGN_OR_RETURN(const auto erasures, read_erasures(fs_, data_dir_));
  if (!erasures.empty()) {
    Eraser eraser(fs_, data_dir_, store_, without_writer_);
    DAYBOOK_RETURN_IF_ERROR(eraser.erase(erasures, [this] { return is_stopping(); }));
    DAYBOOK_RETURN_IF_ERROR(fs_.remove(dir_ / kErasingFile));
    DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(dir_));
  }
  erasing_ = false;
  return {};
}

void Maintenance::fail(const Error& error) {
  broken_ = true;
  on_fatal_(error);
}

std::uint64_t Maintenance::complete_segments() const {
  return std::min(store_.closed_end(), store_.latest_checkpoint().size.value()) /
         store_.segment_entries();
}

bool Maintenance::is_behind(std::uint64_t segments) const {
  return complete_segments() > store_.segments() + segments;
}

// Sleeps for as long as the bytes may take, unless sealing is behind.
Status Maintenance::wait_for_rate(std::uint64_t bytes) {
  const std::uint64_t rate = std::max<std::uint64_t>(options_.seal_bytes_per_second, 1);
  const auto pause =
      std::chrono::microseconds(is_behind(kBacklogMax) ? 0 : bytes * 1'000'000 / rate);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [this] { return stopping_; });
  if (stopping_) return Error{Errc::cancelled, "the ledger is closing"};
  return {};
}

Status Maintenance::seal_next(const Pace& pace) {
  const auto started = std::chrono::steady_clock::now();
  const std::uint64_t first = store_.segments() * std::uint64_t{store_.segment_entries()};
  const FileSystem::Path temporary = data_dir_ / kSegmentTemporary;
  const FileSystem::Path path = dir_ / segment_name(first);
  Status written = write_next(temporary, first, pace);
  crash_point("seal.written");
  if (written) written = check_next(temporary, first, pace);
  if (!written) {
    // Gives the space back; a later attempt begins with an empty file anyway.
    static_cast<void>(fs_.remove(temporary));
    return written;
  }
  crash_point("seal.checked");
  DAYBOOK_RETURN_IF_ERROR(fs_.rename(temporary, path));
  crash_point("seal.renamed");
  DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(dir_));
  DAYBOOK_RETURN_IF_ERROR(fs_.sync_dir(data_dir_));
  crash_point("seal.durable");
  DAYBOOK_ASSIGN_OR_RETURN(auto segment, Segment::open(fs_, path));
  DAYBOOK_RETURN_IF_ERROR(store_.seal(std::move(segment)));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  metrics_.seal_seconds.observe(took.count());
  metrics_.sealed.add(store_.segment_entries());
  metrics_.segments.set(static_cast<double>(store_.segments()));
  crash_point("seal.shown");
  return retire();
}

Status Maintenance::write_next(const FileSystem::Path& path, std::uint64_t first,
                               const Pace& pace) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs_.open(path, OpenMode::create));
  DAYBOOK_RETURN_IF_ERROR(file->truncate(0));
  const std::uint32_t entries = store_.segment_entries();
  const SegmentSource source = [&](const EntryVisitor& visit) {
    return store_.scan_journal(first, first + entries,
                               [&visit](const RecordView& record, const Hash& leaf) {
                                 return visit(to_segment_entry(record, leaf));
                               });
  };
  const Packing packing = is_behind(kBacklogToPack) ? Packing::quick : Packing::tight;
  return write_segment(*file, {entries, first}, source, pace, packing);
}

// Reads back what was written; its root must be that of the tree, which signed checkpoints cover.
Status Maintenance::check_next(const FileSystem::Path& path, std::uint64_t first,
                               const Pace& pace) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto segment, Segment::open(fs_, path));
  DAYBOOK_RETURN_IF_ERROR(check_segment(*segment, {{}, pace}));
  DAYBOOK_ASSIGN_OR_RETURN(const Hash root, store_.segment_root(first));
  if (segment->first_index() != first || segment->root() != root) {
    return Error{Errc::corrupt, "the segment read back is not the one written", path.string()};
  }
  return {};
}

Status Maintenance::retire() {
  const auto retired = store_.retired_files();
  for (const std::uint64_t first : retired) {
    const Status removed = fs_.remove(dir_ / journal_name(first));
    if (!removed && removed.error().code != Errc::not_found) {
      return Error{Errc::unavailable, removed.error().context, removed.error().path};
    }
    crash_point("seal.retired");
    store_.forget_file(first);
  }
  return retired.empty() ? Status{} : fs_.sync_dir(dir_);
}

}  // namespace daybook::ledger
