// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "daybook/ledger/reader.h"
#include "daybook/net/client.h"

#include "cosignature_file.h"
#include "protocol.h"

namespace daybook::witness {

// How one exchange with a witness ended.
struct Outcome {
  enum class Kind : std::uint8_t {
    cosigned,   // `last` is set.
    try_later,  // It cannot now, or our checkpoint fell behind meanwhile.
    refused,    // It does not know this ledger or its key.
    alarm,
  } kind = Kind::try_later;
  std::string what;
  std::optional<LastCosigned> last;
  std::int64_t retry_after_s = 0;
};

// Everything said to one witness: which size it has, and the next checkpoint. Threads: one
// coroutine.
class Session {
 public:
  Session(const ledger::Reader& reader, crypto::NoteVerifier key, net::BaseUrl url,
          std::chrono::milliseconds timeout);

  // What it cosigned according to our own records.
  void remember(std::uint64_t size) { known_ = size; }

  // Sends the checkpoint, with the consistency proof from the size the witness has.
  net::Task<Outcome> offer(ledger::PublishedCheckpoint checkpoint);

 private:
  net::Task<Result<net::Response>> post(std::string body);
  [[nodiscard]] Result<std::string> body_for(const ledger::PublishedCheckpoint& checkpoint) const;
  // Nothing: ask again, with what was learnt.
  std::optional<Outcome> read(const net::Response& answer,
                              const ledger::PublishedCheckpoint& checkpoint);
  std::optional<Outcome> read_conflict(const net::Response& answer,
                                       const ledger::PublishedCheckpoint& checkpoint);
  [[nodiscard]] Outcome read_good(const net::Response& answer,
                                  const ledger::PublishedCheckpoint& checkpoint);

  const ledger::Reader& reader_;
  crypto::NoteVerifier key_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<net::Client> client_;
  std::uint64_t known_ = 0;  // Size the witness has; 0 also if we do not know.
  bool told_ = false;        // It named that size itself while the checkpoint was offered.
};

}  // namespace daybook::witness
