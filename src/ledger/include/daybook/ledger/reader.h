// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/ledger/checkpoint.h"
#include "daybook/ledger/tile.h"
#include "daybook/record/parts.h"

namespace daybook::ledger {

// First 16 bytes of SHA-256(tenant ‖ NUL ‖ id): the unique name of an entry. No tenant = empty
// tenant.
using IdKey = std::array<std::uint8_t, 16>;
[[nodiscard]] IdKey id_key(std::string_view tenant, std::string_view id);

// An entry as it lies in the ledger.
struct StoredEntry {
  EntryIndex index;
  record::Parts parts;
  record::Seed seed{};  // Never leaves the process: disclosure gives salts. Zero if any is erased.
  record::Commitments commitments{};
  // Parts that were erased, as bits: bit k−1 for part k. Their bytes are empty, their salts gone;
  // the salts of the others are in `salts`.
  std::uint8_t erased = 0;
  std::array<record::Salt, record::kPartCount> salts{};

  [[nodiscard]] Hash leaf_hash() const { return record::leaf_hash(commitments); }
  [[nodiscard]] bool is_erased(record::Part part) const {
    return ((erased >> (static_cast<unsigned>(part) - 1)) & 1U) != 0;
  }
  // What discloses a part. All zero for an erased one.
  [[nodiscard]] record::Salt salt(record::Part part) const {
    return erased == 0 ? record::salt_of(seed, part) : salts[static_cast<std::size_t>(part) - 1];
  }
};

// A checkpoint that was published: its note is durable and was or is at /tlog/checkpoint.
struct PublishedCheckpoint {
  TreeSize size;
  Hash root{};
  std::string note;
};

// Read side of a ledger. What it shows is durable: nothing of a group is visible before its
// fdatasync.
//
// Threads: every method from any thread, beside the writer.
// Failure: Errc::corrupt if bytes read do not match their checksum.
class Reader {
 public:
  virtual ~Reader() = default;

  [[nodiscard]] virtual const std::string& origin() const = 0;
  // vkeys, current first; one a line at /tlog/key.
  [[nodiscard]] virtual std::vector<std::string> keys() const = 0;
  [[nodiscard]] virtual TreeSize size() const = 0;

  // Errc::not_found at or past size().
  [[nodiscard]] virtual Result<StoredEntry> read(EntryIndex index) const = 0;
  // Calls `visit` for from ≤ index < to in order, until it returns false. Sequential, bounded
  // memory.
  virtual Status scan(EntryIndex from, EntryIndex to,
                      const std::function<bool(const StoredEntry&)>& visit) const = 0;
  [[nodiscard]] virtual Hash leaf_hash(EntryIndex index) const = 0;
  // Position of the entry of that name.
  [[nodiscard]] virtual std::optional<EntryIndex> find(const IdKey& key) const = 0;

  [[nodiscard]] virtual Hash root(TreeSize size) const = 0;
  [[nodiscard]] virtual Result<std::vector<Hash>> inclusion_proof(EntryIndex index,
                                                                  TreeSize size) const = 0;
  [[nodiscard]] virtual Result<std::vector<Hash>> consistency_proof(TreeSize from,
                                                                    TreeSize to) const = 0;

  // Always there: size 0 is published at first start.
  [[nodiscard]] virtual PublishedCheckpoint latest_checkpoint() const = 0;
  // Errc::not_found if none of that size was published.
  [[nodiscard]] virtual Result<PublishedCheckpoint> checkpoint_at(TreeSize size) const = 0;

  // Bytes of a tile or bundle implied by the latest published checkpoint, or of a partial one
  // implied by an earlier one; else Errc::not_found.
  [[nodiscard]] virtual Result<Bytes> tile(const TileName& name) const = 0;
};

}  // namespace daybook::ledger
