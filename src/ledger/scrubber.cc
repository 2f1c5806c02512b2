// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/scrubber.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "daybook/core/diagnostics.h"

#include "examine.h"
#include "ledger_impl.h"
#include "segment_writer.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kPlaceFile = "ledger.scrub";
constexpr std::uint64_t kPlaceBytesMax = 256;
// After a file that could not be read for another reason than damage: out of handles, say.
constexpr std::int64_t kRetryAfterMs = 60'000;
constexpr std::int64_t kLookEveryMs = 1'000;
// The first reading of all comes this long after the start at the latest.
constexpr std::int64_t kFirstAfterMs = 600'000;

// Where a reading is. Text: `begun segment finished`, so that a person can read it too.
struct Place {
  UnixMillis begun = 0;       // Of the reading under way; 0 between two.
  std::uint64_t segment = 0;  // The next one to be read.
  UnixMillis finished = 0;    // End of the last whole reading; 0 before the first.
};

Place parse_place(std::string_view text) {
  Place place;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&](auto& out) {
    const auto [next, code] = std::from_chars(at, end, out);
    if (code != std::errc{} || next == end) return false;
    at = next + 1;
    return true;
  };
  // Whatever else stands there, a reading from the start does no harm.
  if (!number(place.begun) || !number(place.segment) || !number(place.finished)) return {};
  return place;
}

bool is_damage(Errc code) {
  return code == Errc::corrupt || code == Errc::not_found;
}

struct ScrubMetrics {
  explicit ScrubMetrics(Metrics& metrics)
      : readings(metrics.counter("daybook_ledger_scrubs_total", "Whole readings of the ledger")),
        findings(
            metrics.counter("daybook_ledger_scrub_damage_total", "Readings that found damage")),
        entries(metrics.counter("daybook_ledger_scrubbed_entries_total",
                                "Entries read again by the background check")),
        finished(metrics.gauge("daybook_ledger_scrub_finished_timestamp_seconds",
                               "When the last whole reading ended; 0 before the first")),
        age(metrics.gauge("daybook_ledger_scrub_age_seconds",
                          "Since the last whole reading; since the start before the first")) {}
  Metrics::Counter readings;
  Metrics::Counter findings;
  Metrics::Counter entries;
  Metrics::Gauge finished;
  Metrics::Gauge age;
};

class ScrubberImpl final : public Scrubber {
 public:
  ScrubberImpl(FileSystem& fs, FileSystem::Path data_dir, Ledger& ledger, const Options& options,
               const Clock& clock, Metrics& metrics, Told told)
      : fs_(fs),
        data_dir_(std::move(data_dir)),
        // Ledger has one implementation; nobody else may stop its writer.
        ledger_(dynamic_cast<LedgerImpl&>(ledger)),
        options_(options),
        clock_(clock),
        metrics_(metrics),
        told_(std::move(told)),
        started_(clock.now()) {
    if (const auto text = read_file(fs_, data_dir_ / kPlaceFile, kPlaceBytesMax)) {
      place_ = parse_place(as_text(*text));
    }
    metrics_.finished.set(static_cast<double>(place_.finished) / 1000);
    show_age();
  }
  ~ScrubberImpl() override { stop(); }

  void start() override {
    if (options_.interval_ms > 0) thread_ = std::thread([this] { run(); });
  }

  void stop() override {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  Result<ScrubReport> run_once() override { return read_all({}); }

 private:
  void run() {
    while (ledger_.writable()) {
      if (place_.begun == 0 && due() > clock_.now()) {
        if (!pause(kLookEveryMs)) return;
        show_age();
        continue;
      }
      const auto report = read_all([this](std::uint64_t bytes) { return wait_for_rate(bytes); });
      if (report) continue;
      if (report.error().code == Errc::cancelled) return;
      diagnose(Severity::warn, "ledger", "the check waits: " + report.error().context);
      if (!pause(kRetryAfterMs)) return;
    }
  }

  [[nodiscard]] UnixMillis due() const {
    if (place_.finished != 0) return place_.finished + options_.interval_ms;
    return started_ + std::min(options_.interval_ms, kFirstAfterMs);
  }

  // False if told to stop.
  bool pause(std::int64_t ms) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
    return !stopping_;
  }

  Status wait_for_rate(std::uint64_t bytes) {
    const std::uint64_t rate = std::max<std::uint64_t>(options_.bytes_per_second, 1);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::microseconds(bytes * 1'000'000 / rate),
                      [this] { return stopping_; });
    if (stopping_) return Error{Errc::cancelled, "the check was told to stop"};
    return {};
  }

  void show_age() {
    const UnixMillis since = place_.finished != 0 ? place_.finished : started_;
    metrics_.age.set(static_cast<double>(std::max<UnixMillis>(clock_.now() - since, 0)) / 1000);
  }

  Result<ScrubReport> read_all(const Pace& pace) {
    if (place_.begun == 0) place_ = {clock_.now(), 0, place_.finished};
    ScrubReport report;
    report.from = place_.begun;
    Status read = read_on(pace);
    // Beside a writer that takes files away: what is really damaged is so the second time as well.
    if (!read && is_damage(read.error().code)) read = read_on(pace);
    report.entries = entries_;
    report.to = clock_.now();
    if (!read && !is_damage(read.error().code)) return read.error();
    place_ = {0, 0, report.to};
    entries_ = 0;
    keep_place();
    metrics_.readings.add();
    metrics_.finished.set(static_cast<double>(report.to) / 1000);
    show_age();
    if (!read) {
      report.damage = read.error();
      metrics_.findings.add();
    }
    if (told_) told_(report);
    if (report.damage) ledger_.stop_writing(*report.damage);
    return report;
  }

  Status read_on(const Pace& pace) {
    DAYBOOK_RETURN_IF_ERROR(read_segments(pace));
    return read_rest(pace);
  }

  Status read_segments(const Pace& pace) {
    const Store& store = ledger_.store();
    for (; place_.segment < store.segments(); ++place_.segment) {
      const std::uint64_t first = place_.segment * std::uint64_t{store.segment_entries()};
      // The bytes that are there now, not what an open handle remembers.
      const auto path = data_dir_ / kLedgerDir / segment_name(first);
      DAYBOOK_ASSIGN_OR_RETURN(const auto segment, Segment::open(fs_, path));
      DAYBOOK_RETURN_IF_ERROR(check_segment(*segment, {{}, pace}));
      DAYBOOK_ASSIGN_OR_RETURN(const Hash root, store.segment_root(first));
      if (segment->first_index() != first || segment->root() != root) {
        return Error{Errc::corrupt, "the segment is not that of the tree", path.string()};
      }
      entries_ += segment->entries();
      metrics_.entries.add(segment->entries());
      keep_place();
    }
    return {};
  }

  // Checkpoints, keys, the journal with its chain, and that all of it is the tree shown.
  Status read_rest(const Pace& pace) {
    Examination::Options how;
    how.on_group = [&](const GroupView& group, const std::vector<Hash>&) -> Status {
      entries_ += group.header.count;
      metrics_.entries.add(group.header.count);
      return pace ? pace(group.payload.size()) : Status{};
    };
    Examination found(fs_, data_dir_, std::move(how));
    DAYBOOK_RETURN_IF_ERROR(found.run());
    if (!found.failures.empty()) {
      const VerifyFailure& first = found.failures.front();
      return Error{Errc::corrupt, first.what, first.file, first.offset};
    }
    const TreeSize size(found.range.size());
    // What was written but is not shown yet is the writer's own to judge.
    if (size.value() > ledger_.store().size().value()) return {};
    if (found.range.root() != ledger_.store().root(size)) {
      return Error{Errc::corrupt, "the tree read again is not the one shown"};
    }
    return {};
  }

  // Best effort: without it a restart begins anew.
  void keep_place() {
    const std::string text = std::to_string(place_.begun) + " " + std::to_string(place_.segment) +
                             " " + std::to_string(place_.finished) + "\n";
    if (const auto kept = write_file_atomic(fs_, data_dir_ / kPlaceFile, as_bytes(text)); !kept) {
      diagnose(Severity::warn, "ledger", "the place of the check: " + kept.error().context);
    }
  }

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  LedgerImpl& ledger_;
  const Options options_;
  const Clock& clock_;
  ScrubMetrics metrics_;
  const Told told_;
  const UnixMillis started_;
  Place place_;
  std::uint64_t entries_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Scrubber> Scrubber::make(FileSystem& fs, FileSystem::Path data_dir, Ledger& ledger,
                                         const Options& options, const Clock& clock,
                                         Metrics& metrics, Told told) {
  return std::make_unique<ScrubberImpl>(fs, std::move(data_dir), ledger, options, clock, metrics,
                                        std::move(told));
}

}  // namespace daybook::ledger
