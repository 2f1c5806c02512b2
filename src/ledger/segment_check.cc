// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daybook/crypto/sha256.h"
#include "daybook/ledger/merkle.h"

#include "segment_writer.h"

namespace daybook::ledger {

namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;

// SHA-256 over everything before the footer.
Status check_digest(const Segment& segment, const Pace& pace) {
  crypto::Sha256 hash;
  const std::uint64_t end = segment.file_bytes() - kSegmentFooterBytes;
  Bytes piece(kPieceBytes);
  for (std::uint64_t at = 0; at < end; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(kPieceBytes, end - at));
    DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, segment.file().read_at(at, piece));
    if (got != piece.size()) return segment.damaged(at, "segment cut");
    hash.update(piece);
    if (pace) DAYBOOK_RETURN_IF_ERROR(pace(piece.size()));
  }
  if (hash.finish() != segment.footer().digest) {
    return segment.damaged(end, "segment does not match its digest");
  }
  return {};
}

// An erased part leaves no bytes, and its entry no seed and no tag.
Status check_erased(const Segment& segment) {
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes seeds, segment.table(Table::seeds));
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes tags, segment.table(Table::tags));
  for (const ErasedEntry& entry : segment.erased()) {
    const std::size_t at = entry.position;
    if (!all_zero(ByteSpan(seeds).subspan(16 * at, 16)) ||
        !all_zero(ByteSpan(tags).subspan(kTagBytes * at, kTagBytes))) {
      return segment.damaged(segment.footer().at(Table::seeds).offset + 16 * at,
                             "an erased entry still has its seed");
    }
  }
  return {};
}

// Each tile's root is that of its groups; the scan holds those against the entries.
Status check_groups(const Segment& segment) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::vector<Hash> roots, segment.roots());
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes groups, segment.table(Table::groups));
  const std::size_t width = groups.size() / 32 / roots.size();
  for (std::size_t tile = 0; tile < roots.size(); ++tile) {
    CompactRange range;
    for (std::size_t n = 0; n < width; ++n) {
      range.append(get_bytes<32>(groups, 32 * (tile * width + n)));
    }
    if (range.root() != roots[tile]) {
      return segment.damaged(segment.footer().at(Table::roots).offset + 32 * tile,
                             "groups do not match the subtree");
    }
  }
  return {};
}

// First bits of each entry's name, by position.
Result<std::vector<std::uint32_t>> names_by_position(const Segment& segment) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::vector<NameSlot> names, segment.names());
  std::vector<std::uint32_t> prefixes(segment.entries());
  std::vector<bool> known(segment.entries());
  for (const NameSlot& name : names) {
    if (known[name.position]) {
      return segment.damaged(segment.footer().at(Table::names).offset, "a name stands twice");
    }
    known[name.position] = true;
    prefixes[name.position] = name.prefix;
  }
  return prefixes;
}

}  // namespace

Status check_segment(const Segment& segment, const SegmentCheck& how) {
  DAYBOOK_RETURN_IF_ERROR(check_erased(segment));
  DAYBOOK_RETURN_IF_ERROR(check_groups(segment));
  DAYBOOK_ASSIGN_OR_RETURN(const auto names, names_by_position(segment));
  const auto visit = [&](const StoredEntry& entry, const Hash& leaf) -> Result<bool> {
    const auto position = static_cast<std::uint32_t>(entry.index.value() - segment.first_index());
    DAYBOOK_ASSIGN_OR_RETURN(const IdKey key, segment.key_of(entry));
    if (name_prefix(key) != names[position]) {
      return segment.damaged(segment.footer().at(Table::names).offset,
                             "names do not match the entries");
    }
    if (how.on_entry) DAYBOOK_RETURN_IF_ERROR(how.on_entry(entry, leaf));
    if (how.pace && position % 256 == 0) DAYBOOK_RETURN_IF_ERROR(how.pace(0));
    return true;
  };
  DAYBOOK_RETURN_IF_ERROR(segment.scan(0, segment.entries(), visit));
  // Last: it says only that something is wrong, not where.
  return check_digest(segment, how.pace);
}

std::optional<std::uint64_t> index_at(const Segment& segment, std::uint64_t offset) {
  for (const auto& blocks : segment.directory()) {
    for (const BlockPlace& block : blocks) {
      if (offset >= block.offset && offset < block.offset + block.bytes) {
        return segment.first_index() + block.first;
      }
    }
  }
  struct Column {
    Table table;
    std::uint64_t bytes;    // Of an item.
    std::uint64_t entries;  // That it is about.
  };
  const std::uint64_t group = std::uint64_t{1} << group_level(segment.entries());
  for (const Column& column : {Column{Table::seeds, 16, 1}, Column{Table::groups, 32, group},
                               Column{Table::tags, kTagBytes, 1}}) {
    const TablePlace& place = segment.footer().at(column.table);
    if (offset > place.offset && offset < place.offset + place.bytes) {
      return segment.first_index() + (offset - place.offset) / column.bytes * column.entries;
    }
  }
  return std::nullopt;
}

}  // namespace daybook::ledger
