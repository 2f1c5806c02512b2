// SPDX-License-Identifier: Apache-2.0
#include "segment.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "daybook/ledger/merkle.h"
#include "daybook/record/event.h"

#include "ledger_files.h"
#include "part_member.h"

namespace daybook::ledger {

namespace {

// What follows a tenant in an event part: `v` sorts behind it and nothing behind `v`.
constexpr std::string_view kTenantTail = R"(","v":1})";
constexpr std::string_view kTenantMember = R"("tenantId")";
// Entries whose seeds and group roots a scan reads at a time.
constexpr std::uint32_t kScanStep = 1024;

std::uint64_t expected_bytes(Table table, std::uint32_t entries) {
  switch (table) {
    case Table::seeds:
      return std::uint64_t{16} * entries;
    case Table::tags:
      return kTagBytes * std::uint64_t{entries};
    case Table::names:
      return kNameBucketsBytes + kNameBytes * std::uint64_t{entries};
    case Table::groups:
      return std::uint64_t{32} * (entries >> group_level(entries));
    case Table::roots:
      return std::uint64_t{32} * (entries >> roots_level(entries));
    default:
      return 0;  // Directory and erased entries: of any length, checked when decoded.
  }
}

std::vector<Hash> to_hashes(ByteSpan bytes) {
  std::vector<Hash> hashes(bytes.size() / 32);
  for (std::size_t n = 0; n < hashes.size(); ++n) {
    std::memcpy(hashes[n].data(), &bytes[32 * n], 32);
  }
  return hashes;
}

}  // namespace

Error Segment::damaged(std::uint64_t offset, const char* what) const {
  return Error{Errc::corrupt, what, in_ledger(segment_name(first_index_)), offset};
}

Result<std::shared_ptr<const Segment>> Segment::open(FileSystem& fs, const FileSystem::Path& path) {
  static std::atomic<std::uint64_t> next_serial{0};
  std::shared_ptr<Segment> segment(new Segment());
  segment->serial_ = next_serial++;
  DAYBOOK_RETURN_IF_ERROR(segment->load(fs, path));
  return std::shared_ptr<const Segment>(std::move(segment));
}

Status Segment::load(FileSystem& fs, const FileSystem::Path& path) {
  const auto named = parse_segment_name(path.filename().string());
  first_index_ = named.value_or(0);
  DAYBOOK_ASSIGN_OR_RETURN(file_, fs.open(path, OpenMode::read));
  DAYBOOK_ASSIGN_OR_RETURN(file_bytes_, file_->size());
  if (file_bytes_ < kSegmentHeaderBytes + kSegmentFooterBytes) return damaged(0, "segment cut");
  Bytes bytes(kSegmentHeaderBytes);
  DAYBOOK_RETURN_IF_ERROR(read_exactly(0, bytes));
  const auto header = get_segment_header(bytes);
  if (!header) return damaged(0, "segment header damaged");
  if (named && header->first_index != first_index_) return damaged(0, "segment of another place");
  first_index_ = header->first_index;
  const std::uint64_t footer_at = file_bytes_ - kSegmentFooterBytes;
  bytes.resize(kSegmentFooterBytes);
  DAYBOOK_RETURN_IF_ERROR(read_exactly(footer_at, bytes));
  const auto footer = get_segment_footer(bytes);
  if (!footer) return damaged(footer_at, "segment footer damaged or cut");
  footer_ = *footer;
  const std::uint32_t entries = footer_.entries;
  if (entries != header->entries || !std::has_single_bit(entries) || first_index_ % entries != 0) {
    return damaged(footer_at, "segment header and footer differ");
  }
  std::uint64_t at = footer_.at(Table::directory).offset;
  for (std::size_t n = 0; n < kTableCount; ++n) {
    const TablePlace& place = footer_.tables[n];
    const std::uint64_t bytes_expected = expected_bytes(static_cast<Table>(n), entries);
    if (place.offset != at || place.bytes > footer_at - std::min(at, footer_at) ||
        (bytes_expected != 0 && place.bytes != bytes_expected)) {
      return damaged(footer_at, "segment tables out of place");
    }
    at += place.bytes;
  }
  if (at != footer_at) return damaged(footer_at, "segment tables out of place");
  return load_tables();
}

Status Segment::load_tables() {
  const TablePlace& place = footer_.at(Table::directory);
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes directory, table(Table::directory));
  auto blocks = get_directory(directory, entries(), place.offset);
  if (!blocks) return damaged(place.offset, "segment directory damaged");
  directory_ = *std::move(blocks);
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes erased_bytes, table(Table::erased));
  auto erased = get_erased(erased_bytes, entries());
  if (!erased) return damaged(footer_.at(Table::erased).offset, "table of erased entries damaged");
  erased_ = *std::move(erased);
  return {};
}

Status Segment::read_exactly(std::uint64_t offset, std::span<std::uint8_t> out) const {
  DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, file_->read_at(offset, out));
  if (got != out.size()) return damaged(offset, "segment cut");
  return {};
}

Result<Bytes> Segment::table(Table table) const {
  const TablePlace& place = footer_.at(table);
  Bytes bytes(place.bytes);
  DAYBOOK_RETURN_IF_ERROR(read_exactly(place.offset, bytes));
  if (crc32c(bytes) != place.crc) return damaged(place.offset, "segment table damaged");
  return bytes;
}

Result<std::vector<Hash>> Segment::roots() const {
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes bytes, table(Table::roots));
  std::vector<Hash> roots = to_hashes(bytes);
  CompactRange range;
  for (const Hash& root : roots) range.append(root);
  if (range.root() != footer_.root) {
    return damaged(footer_.at(Table::roots).offset, "segment root does not match its subtrees");
  }
  return roots;
}

Result<std::vector<NameSlot>> Segment::names() const {
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes bytes, table(Table::names));
  auto slots = get_names(bytes, entries());
  if (!slots) return damaged(footer_.at(Table::names).offset, "segment names damaged");
  return *std::move(slots);
}

Result<std::vector<std::uint32_t>> Segment::named(const IdKey& key) const {
  const std::uint64_t at = footer_.at(Table::names).offset;
  const std::uint32_t prefix = name_prefix(key);
  std::array<std::uint8_t, 8> bounds{};
  DAYBOOK_RETURN_IF_ERROR(read_exactly(at + std::uint64_t{4} * (prefix >> 24U), bounds));
  const std::uint32_t from = get_u32_le(bounds.data());
  const std::uint32_t to = get_u32_le(&bounds[4]);
  if (from > to || to > entries()) return damaged(at, "segment names damaged");
  Bytes slots(kNameBytes * std::size_t{to - from});
  DAYBOOK_RETURN_IF_ERROR(read_exactly(at + kNameBucketsBytes + kNameBytes * from, slots));
  const auto slot_at = [&](std::size_t n) {
    return get_name(ByteSpan(slots).subspan(kNameBytes * n), prefix >> 24U);
  };
  std::size_t begin = 0;
  std::size_t end = to - from;
  while (begin < end) {  // First slot that is not smaller.
    const std::size_t middle = begin + (end - begin) / 2;
    if (slot_at(middle).prefix < prefix) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  std::vector<std::uint32_t> positions;
  for (; begin < to - from && slot_at(begin).prefix == prefix; ++begin) {
    const std::uint32_t position = slot_at(begin).position;
    if (position >= entries()) return damaged(at, "segment names damaged");
    positions.push_back(position);
  }
  return positions;
}

Status Segment::leaves(std::uint32_t position, std::span<Hash> out, BlockCache& cache) const {
  Held held{&cache, {}, {}};
  while (!out.empty()) {
    const std::uint32_t at = position % group_entries();
    DAYBOOK_ASSIGN_OR_RETURN(const Group group, group_at(position - at, held));
    const auto count = std::min<std::size_t>(group_entries() - at, out.size());
    std::copy_n(group.leaves.begin() + at, count, out.begin());
    out = out.subspan(count);
    position += static_cast<std::uint32_t>(count);
  }
  return {};
}

Status Segment::groups(std::uint32_t first, std::span<Hash> out) const {
  Bytes bytes(32 * out.size());
  const std::uint64_t at = footer_.at(Table::groups).offset + std::uint64_t{32} * first;
  DAYBOOK_RETURN_IF_ERROR(read_exactly(at, bytes));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return {};
}

Result<ContentTag> Segment::tag(std::uint32_t position) const {
  ContentTag tag{};
  DAYBOOK_RETURN_IF_ERROR(read_exactly(footer_.at(Table::tags).offset + kTagBytes * position, tag));
  return tag;
}

const ErasedEntry* Segment::erased_at(std::uint32_t position) const {
  const auto found = std::ranges::lower_bound(erased_, position, {}, &ErasedEntry::position);
  return found != erased_.end() && found->position == position ? &*found : nullptr;
}

std::size_t Segment::block_of(std::size_t kind, std::uint32_t position) const {
  const auto& blocks = directory_[kind];
  const auto behind = std::ranges::upper_bound(blocks, position, {}, &BlockPlace::first);
  return static_cast<std::size_t>(behind - blocks.begin()) - 1;
}

std::uint32_t Segment::block_end(std::size_t kind, std::size_t number) const {
  const auto& blocks = directory_[kind];
  return number + 1 == blocks.size() ? entries() : blocks[number + 1].first;
}

Result<std::shared_ptr<const Block>> Segment::block(std::size_t kind, std::size_t number) const {
  const BlockPlace& place = directory_[kind][number];
  Bytes frame(place.bytes);
  DAYBOOK_RETURN_IF_ERROR(read_exactly(place.offset, frame));
  if (crc32c(frame) != place.crc) return damaged(place.offset, "segment block damaged");
  auto content = decompress_block(frame, place.raw_bytes);
  if (!content) return damaged(place.offset, "segment block does not decompress");
  auto unpacked =
      unpack_block(*std::move(content), block_end(kind, number) - place.first, kBlockBytesMax);
  if (!unpacked) return damaged(place.offset, "segment block does not hold its parts");
  return std::make_shared<const Block>(*std::move(unpacked));
}

Result<std::string_view> Segment::part(std::size_t kind, std::uint32_t position, Held& held) const {
  auto& block = held.blocks[kind];
  std::size_t& number = held.numbers[kind];
  if (!block || position < directory_[kind][number].first || position >= block_end(kind, number)) {
    number = block_of(kind, position);
    const BlockCache::Key key{serial_, kind, number};
    block = held.cache != nullptr ? held.cache->get(key) : nullptr;
    if (!block) {
      DAYBOOK_ASSIGN_OR_RETURN(block, this->block(kind, number));
      if (held.cache != nullptr) held.cache->put(key, block);
    }
  }
  return block->part(position - directory_[kind][number].first);
}

Result<StoredEntry> Segment::entry(std::uint32_t position, const record::Seed& seed,
                                   Held& held) const {
  StoredEntry entry;
  entry.index = EntryIndex(first_index_ + position);
  entry.seed = seed;
  const ErasedEntry* erased = erased_at(position);
  if (erased != nullptr) {
    entry.erased = erased->parts;
    entry.salts = erased->salts;
  }
  for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
    DAYBOOK_ASSIGN_OR_RETURN(entry.parts.bytes[kind], part(kind, position, held));
    const auto part = static_cast<record::Part>(kind + 1);
    entry.commitments[kind] = entry.is_erased(part)
                                  ? erased->commitments[kind]
                                  : record::commit(part, entry.salt(part), entry.parts[part]);
  }
  return entry;
}

Result<Segment::Group> Segment::group(std::uint32_t first, ByteSpan seeds, const Hash& root,
                                      Held& held) const {
  Group group;
  group.entries.reserve(group_entries());
  group.leaves.reserve(group_entries());
  CompactRange range;
  for (std::uint32_t n = 0; n < group_entries(); ++n) {
    const auto seed = get_bytes<16>(seeds, std::size_t{16} * n);
    DAYBOOK_ASSIGN_OR_RETURN(StoredEntry read, entry(first + n, seed, held));
    group.leaves.push_back(read.leaf_hash());
    range.append(group.leaves.back());
    group.entries.push_back(std::move(read));
  }
  if (range.root() != root) {
    const auto& place = directory_[0][block_of(0, first)];
    return damaged(place.offset, "entries do not match their commitments");
  }
  return group;
}

Result<Segment::Group> Segment::group_at(std::uint32_t first, Held& held) const {
  Bytes seeds(std::size_t{16} * group_entries());
  Hash root{};
  const std::uint64_t at = footer_.at(Table::seeds).offset + std::uint64_t{16} * first;
  DAYBOOK_RETURN_IF_ERROR(read_exactly(at, seeds));
  DAYBOOK_RETURN_IF_ERROR(groups(first / group_entries(), std::span(&root, 1)));
  return group(first, seeds, root, held);
}

Result<StoredEntry> Segment::read(std::uint32_t position, BlockCache& cache) const {
  Held held{&cache, {}, {}};
  const std::uint32_t at = position % group_entries();
  DAYBOOK_ASSIGN_OR_RETURN(Group group, group_at(position - at, held));
  return std::move(group.entries[at]);
}

Status Segment::scan(std::uint32_t from, std::uint32_t to, const Visitor& visit) const {
  const std::uint32_t width = group_entries();
  Held held;
  Bytes seeds;
  std::vector<Hash> roots;
  for (std::uint32_t start = from - from % width; start < to; start += kScanStep) {
    const std::uint32_t end = std::min({start + kScanStep, entries(), to + width - 1});
    const std::uint32_t count = (end - start) / width;
    seeds.resize(std::size_t{16} * width * count);
    roots.resize(count);
    const std::uint64_t at = footer_.at(Table::seeds).offset + std::uint64_t{16} * start;
    DAYBOOK_RETURN_IF_ERROR(read_exactly(at, seeds));
    DAYBOOK_RETURN_IF_ERROR(groups(start / width, roots));
    for (std::uint32_t n = 0; n < count; ++n) {
      const std::uint32_t first = start + n * width;
      const ByteSpan its = ByteSpan(seeds).subspan(std::size_t{16} * width * n);
      DAYBOOK_ASSIGN_OR_RETURN(const Group read, group(first, its, roots[n], held));
      for (std::uint32_t i = 0; i < width; ++i) {
        if (first + i < from || first + i >= to) continue;
        DAYBOOK_ASSIGN_OR_RETURN(const bool go_on, visit(read.entries[i], read.leaves[i]));
        if (!go_on) return {};
      }
    }
  }
  return {};
}

Result<IdKey> Segment::key_of(const StoredEntry& entry) const {
  const auto position = static_cast<std::uint32_t>(entry.index.value() - first_index_);
  if (const ErasedEntry* erased = erased_at(position)) return erased->key;
  // Nearly always; the whole event only if a name stands there escaped.
  const std::string_view part = entry.parts[record::Part::event];
  const auto id = text_member(part, "id");
  const auto tenant = text_member_before(part, "tenantId", kTenantTail);
  if (id && (tenant || part.find(kTenantMember) == std::string_view::npos)) {
    return id_key(tenant.value_or(""), *id);
  }
  const auto event = record::decode(entry.parts);
  if (!event) {
    return damaged(directory_[0][block_of(0, position)].offset, "a part is not an event");
  }
  return id_key(event->tenant_id.value_or(""), event->id);
}

}  // namespace daybook::ledger
