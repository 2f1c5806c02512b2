// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/metrics.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/record/event.h"

namespace daybook::ledger {

class SigningKeys;  // key_rotation.h

// An event made ready to be appended, on the caller's thread: parts encoded, seed drawn,
// commitments made.
struct Draft {
  record::Parts parts;
  record::Seed seed{};
  record::Commitments commitments{};
  IdKey key{};
  // SHA-256(first 16 bytes of SHA-256(seed ‖ 0x00) ‖ content): what a repeat of the id is compared
  // with.
  Hash content_digest{};
  std::string
      content;  // Canonical JSON as sent by an ingest caller, to compare with an earlier entry.
};

// `content` is the canonical JSON of the event as sent; for events daybook makes itself: empty.
[[nodiscard]] Draft prepare(const record::Event& event, std::string content, Random& random);

// Parts of an entry that are to be erased: bit k−1 for part k.
struct Erasure {
  EntryIndex index;
  std::uint8_t parts = 0;
};

struct Receipt {
  EntryIndex index;
  Hash leaf_hash{};
  bool duplicate = false;
};

struct Appended {
  std::vector<Receipt> receipts;  // One a draft, in order.
  std::uint64_t created = 0;      // Not counting duplicates; their indexes are contiguous.
  std::optional<EntryIndex> first;
  TreeSize tree_size;  // Larger than every index in the receipts.
};

// What is told about each durable group, in ledger order, on the writer's thread, after the
// fdatasync and before any of its callers hears: a search that follows an acknowledgement finds the
// entry.
using Observer = std::function<void(const std::vector<StoredEntry>& group)>;

// The only writer of a ledger directory: journal, tree, checkpoints (docs/formats.md).
//
// One writer thread takes whatever batches are waiting, writes them as one group and shares one
// fdatasync among them. Group n+1 is written only after fdatasync(n) returned. A checkpoint over
// new entries is signed and published within Options::checkpoint_interval_ms, and at once when
// publish() asks.
//
//   DAYBOOK_ASSIGN_OR_RETURN(auto ledger, Ledger::open(fs, "data", {}, system_clock(),
//   system_random(), metrics)); ledger->append(std::move(drafts), [](Result<Appended> done) { … });
//   // durable when called with a value
//
// Ownership: holds the directory lock until close() or destruction; at most one per directory.
// Threads:   append(), publish(), reader() from any thread; completions run on the writer's thread:
// be short. Failure:   a failed fdatasync, a checksum or tree mismatch stops writing for good:
// every later append gives
//            Errc::unavailable, writable() is false, stopped_because() says why; reading goes on.
//            A full disk refuses batches with Errc::exhausted and resumes when space returns.
class Ledger {
 public:
  struct Options {
    std::string origin;         // Empty: `daybook/<22 base62>` at initialisation.
    FileSystem::Path keys_dir;  // Empty: `<data>/keys`.
    std::int64_t checkpoint_interval_ms = 1000;
    std::uint64_t queue_bytes_max = 64ULL
                                    << 20U;  // Waiting drafts; above: Errc::exhausted at once.
    std::uint64_t group_bytes_max = 8ULL
                                    << 20U;  // One group; a larger batch is a group of its own.
    // Entries of a segment: a power of two, at most 65,536. Of a ledger that has segments already
    // theirs counts.
    std::uint32_t segment_entries = 65'536;
    // Sealing on a thread of its own. Without it only when maintain() is called.
    bool background = true;
    // Sealing reads and packs at most this much a second while it is not behind.
    std::uint64_t seal_bytes_per_second = 64ULL << 20U;
  };

  struct Recovery {
    std::uint64_t entries = 0;
    std::uint64_t torn_tail_bytes = 0;  // Cut from the open end after an unclean stop.
    bool clean = true;                  // The last stop was a clean one.
  };

  // Opens `data_dir`/ledger or initialises it. Errc::unavailable if locked by another process,
  // Errc::corrupt (path, offset) if a durable byte changed.
  static Result<std::unique_ptr<Ledger>> open(FileSystem& fs, FileSystem::Path data_dir,
                                              Options options, const Clock& clock, Random& random,
                                              Metrics& metrics);
  virtual ~Ledger() = default;

  [[nodiscard]] virtual const Recovery& recovery() const = 0;
  [[nodiscard]] virtual const Reader& reader() const = 0;

  // Before the first append; at most one.
  virtual void set_observer(Observer observer) = 0;

  // A refusal for a full queue (Errc::exhausted) or a closed ledger (Errc::unavailable) is told at
  // once, on the caller's thread; everything else on the writer's. All or nothing; the new ones
  // contiguous. A draft whose key exists with the same content (in the ledger, in flight, or
  // earlier in the batch) is a duplicate; with other content the batch is refused: Errc::exists,
  // `offset` = position in the batch. Without content (an own event) the parts are compared.
  virtual void append(std::vector<Draft> batch, std::function<void(Result<Appended>)> done) = 0;

  // Signs and publishes a checkpoint over every durable entry, if the latest does not cover them
  // already.
  virtual void publish(std::function<void(Result<PublishedCheckpoint>)> done) = 0;

  // Erases parts for good: their bytes, and the seed that could reproduce their commitments, are in
  // no file of the ledger when this returns; leaves, proofs and the other parts stay. An absent
  // part is left as it is. Once begun it is done: after a crash when the ledger opens, after a full
  // disk (Errc::exhausted) when space returns. Who erases, why, and whether they may is the
  // caller's, who appends an entry that says so first. Blocks; not from a completion or the
  // observer.
  virtual Status erase(std::vector<Erasure> erasures) = 0;

  // Seals all of the journal that can be sealed, now, on the caller's thread. The background does
  // the same by itself.
  virtual Status maintain() = 0;

  virtual SigningKeys& signing_keys() = 0;

  [[nodiscard]] virtual bool writable() const = 0;
  [[nodiscard]] virtual std::string stopped_because() const = 0;

  // Waiting groups durable, a checkpoint over every entry, the journal marked clean. Idempotent.
  // Not from a completion or the observer. Destruction without it leaves the directory as a crash
  // would.
  virtual Status close() = 0;
};

// Blocking forms, for tests, tools and start-up. Never on a network thread.
Result<Appended> append_and_wait(Ledger& ledger, std::vector<Draft> batch);
Result<PublishedCheckpoint> publish_and_wait(Ledger& ledger);

}  // namespace daybook::ledger
