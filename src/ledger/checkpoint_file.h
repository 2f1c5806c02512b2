// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"

#include "journal_walk.h"

namespace daybook::ledger {

// ledger/checkpoints: every signed checkpoint, append-only (docs/formats.md).

// A checkpoint with the journal position it covers.
struct CheckpointFrame {
  std::uint64_t number = 0;  // From 0.
  JournalPosition journal;
  std::string note;
};
[[nodiscard]] Bytes checkpoints_head();
void put_frame(Bytes& out, const CheckpointFrame& frame);

struct CheckpointsDamage {
  std::uint64_t offset = 0;
  std::string what;
  bool was_durable = false;  // A later frame shows that it was durable once.
};
struct CheckpointsWalk {
  std::uint64_t end = 0;  // Behind the last good frame.
  std::uint64_t count = 0;
  std::uint64_t tail_bytes = 0;  // Behind `end`.
  std::optional<CheckpointsDamage> damage;
};
// Calls `visit` for each frame with its offset. Sizes are checked to grow, notes only for their
// form.
using FrameVisitor =
    std::function<Status(const CheckpointFrame&, const Checkpoint&, std::uint64_t offset)>;
Result<CheckpointsWalk> walk_checkpoints(const File& file, const FrameVisitor& visit);

// The checkpoints of an open ledger. Threads: append() from the writer, the rest from any.
class CheckpointStore {
 public:
  // `file` ends at `end` with a good frame.
  CheckpointStore(std::unique_ptr<File> file, std::uint64_t end);
  // While opening: a frame that is there, in order; and when all are added.
  void add_loaded(std::uint64_t size, std::uint64_t offset);
  Status finish_loading();
  // The same file, open for writing.
  void use_file(std::unique_ptr<File> file) { file_ = std::move(file); }

  // Durable and then visible. Errc::exhausted: disk full, nothing changed. Anything else is fatal.
  Status append(const JournalPosition& journal, const Hash& root, const std::string& note);

  // By position in the file, for whoever walks them beside the journal.
  struct Loaded {
    CheckpointFrame frame;
    Checkpoint checkpoint;
    std::uint64_t offset = 0;
  };
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::uint64_t size_of(std::size_t number) const;
  [[nodiscard]] Result<Loaded> load(std::size_t number) const;

  [[nodiscard]] PublishedCheckpoint latest() const;
  [[nodiscard]] Result<PublishedCheckpoint> at(std::uint64_t size) const;
  [[nodiscard]] std::uint64_t end() const { return end_; }
  // Whether a checkpoint of a size in [low, high) was published.
  [[nodiscard]] bool any_between(std::uint64_t low, std::uint64_t high) const;

 private:
  struct Known {
    std::uint64_t size;
    std::uint64_t offset;
  };
  [[nodiscard]] Result<Loaded> read(const Known& known) const;

  std::unique_ptr<File> file_;
  std::uint64_t end_;
  mutable std::shared_mutex mutex_;
  std::vector<Known> known_;  // Sizes grow.
  PublishedCheckpoint latest_;
};

}  // namespace daybook::ledger
