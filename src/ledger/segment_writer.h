// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

#include "segment.h"

namespace daybook::ledger {

// One entry on its way into a segment. Views into the source's bytes.
struct SegmentEntry {
  std::array<std::string_view, record::kPartCount> parts;
  record::Seed seed{};
  IdKey key{};
  ContentTag tag{};
  Hash leaf{};
  // If a part was erased: which, the salts of the others, all commitments.
  std::uint8_t erased = 0;
  std::array<record::Salt, record::kPartCount> salts{};
  record::Commitments commitments{};
};

// Gives all entries of a segment in order to `visit`; called once.
using EntryVisitor = std::function<Status(const SegmentEntry&)>;
using SegmentSource = std::function<Status(const EntryVisitor& visit)>;
// Called with the number of bytes worked on since the last call: may wait, to bound the rate, or
// fail to end the work.
using Pace = std::function<Status(std::uint64_t bytes)>;

// Writes a whole segment into `file` (empty) and makes it durable. Blocks are written as they fill
// up, so that memory stays at a few MiB whatever the parts' sizes.
Status write_segment(File& file, const SegmentHeader& header, const SegmentSource& source,
                     const Pace& pace, Packing packing = Packing::tight);

// Reads all of a segment: every block, table, commitment, name and leaf, the roots and the digest.
// `on_entry` sees each sound entry in order. Errc::corrupt names the offset of the first damage.
struct SegmentCheck {
  std::function<Status(const StoredEntry&, const Hash& leaf)> on_entry;
  Pace pace;
};
Status check_segment(const Segment& segment, const SegmentCheck& how);

// Index of the first entry that bytes at `offset` belong to, if they belong to any in particular.
[[nodiscard]] std::optional<std::uint64_t> index_at(const Segment& segment, std::uint64_t offset);

}  // namespace daybook::ledger
