// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/metrics.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/net/task.h"
#include "daybook/witness/policy.h"

namespace daybook::witness {

struct Options {
  Policy policy;
  FileSystem::Path dir;                           // `<data>/witness`.
  std::chrono::milliseconds interval{10'000};     // Between two checkpoints sent to one witness.
  std::chrono::milliseconds recosign{3'600'000};  // An idle ledger is cosigned again after this.
  std::chrono::milliseconds timeout{5'000};       // Of one request.
  std::chrono::milliseconds retry_min{1'000};     // Doubles up to retry_max, with jitter.
  std::chrono::milliseconds retry_max{300'000};
};

// What a witness found that must never be: it remembers a larger tree of this ledger, or another.
struct Alarm {
  std::string witness;
  std::string what;
};

struct WitnessStatus {
  std::string name;
  std::optional<std::uint64_t> cosigned;  // Largest size.
  UnixMillis cosigned_at = 0;             // Our clock.
  std::string problem;                    // Why the last attempt failed; empty if it did not.
  std::string alarm;                      // Stays until the process ends.
};

// Sends checkpoints to the witnesses of a policy and keeps their cosignatures (C2SP tlog-witness,
// tlog-cosignature). Reads the ledger only: whatever a witness does, no entry waits for it.
//
// An answer that says that the witness knows more of this ledger than we have, or something else,
// is an alarm: told once a witness, and kept. Only those witnesses are asked that have a URL.
//
// Threads:   one coroutine a witness on the executor; everything else from any thread.
// Ownership: the reader outlives it; stop() must be awaited before the runtime ends.
class Witnesses {
 public:
  // Reads what the witnesses cosigned before. Errc::unsupported for a URL that cannot be spoken to.
  static Result<std::unique_ptr<Witnesses>> start(const net::Executor& executor,
                                                  const ledger::Reader& reader, FileSystem& fs,
                                                  Options options, const Clock& clock,
                                                  Random& random, Metrics& metrics,
                                                  std::function<void(Alarm)> on_alarm);
  virtual ~Witnesses() = default;

  // The checkpoint's note with the cosignatures there are of it.
  [[nodiscard]] virtual std::string cosigned(
      const ledger::PublishedCheckpoint& checkpoint) const = 0;
  // Largest size that a quorum of the policy has cosigned.
  [[nodiscard]] virtual std::optional<std::uint64_t> quorum_size() const = 0;
  [[nodiscard]] virtual std::vector<WitnessStatus> status() const = 0;

  // No new requests; resumes when none is under way, after Options::timeout at the latest. What was
  // cosigned can still be asked for.
  virtual net::Task<void> stop() = 0;
};

}  // namespace daybook::witness
