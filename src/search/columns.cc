// SPDX-License-Identifier: Apache-2.0
#include "columns.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <random>

#include "daybook/core/check.h"

namespace daybook::search {
namespace {

// Longer detail values, and those of a key with very many distinct ones, are kOther: a query that
// depends on them reads the entry. This bounds the memory that senders can make daybook use.
constexpr std::size_t kDetailBytesMax = 256;
constexpr std::uint32_t kDetailValuesMax = 65'536;
constexpr std::size_t kFixedDetailBytesMax = 1024;
constexpr std::size_t kDetailKeyBytesMax = 128;

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace

std::string_view Block::id(std::uint32_t at) const {
  const auto position = id_at_[at];
  const char* stored = id_chunks_[position / kIdChunkBytes].get() + position % kIdChunkBytes;
  return {stored + 1, static_cast<std::uint8_t>(*stored)};
}

void Block::set_id(std::uint32_t at, std::string_view id) {
  DAYBOOK_CHECK(id.size() <= kIdBytesMax);
  const auto bytes = static_cast<std::uint32_t>(id.size()) + 1;
  if (id_end_ % kIdChunkBytes + bytes > kIdChunkBytes) {
    id_end_ = (id_end_ / kIdChunkBytes + 1) * kIdChunkBytes;
  }
  auto& chunk = id_chunks_[id_end_ / kIdChunkBytes];
  if (chunk == nullptr) chunk = std::make_unique_for_overwrite<char[]>(kIdChunkBytes);
  char* stored = chunk.get() + id_end_ % kIdChunkBytes;
  *stored = static_cast<char>(id.size());
  std::memcpy(stored + 1, id.data(), id.size());
  id_at_[at] = id_end_;
  id_end_ += bytes;
}

void Block::set_value(Column which, std::uint32_t at, ValueId value) {
  auto& slot = column[static_cast<std::size_t>(which)];
  auto* values = slot.load(std::memory_order_relaxed);
  if (values == nullptr) {
    owned_.push_back(std::make_unique<ValueId[]>(kBlockRows));
    values = owned_.back().get();
    slot.store(values, std::memory_order_release);
  }
  values[at] = value;
}

void Block::set_chain(Column which, std::uint32_t at, Row before) {
  auto& slot = chain[static_cast<std::size_t>(which)];
  auto* rows = slot.load(std::memory_order_relaxed);
  if (rows == nullptr) {
    owned_.push_back(std::make_unique_for_overwrite<Row[]>(kBlockRows));
    rows = owned_.back().get();
    slot.store(rows, std::memory_order_release);
  }
  rows[at] = before;
}

Row Snapshot::chained(Column which, Row row) const {
  const auto& links = block_of(row).chain[static_cast<std::size_t>(which)];
  return links.load(std::memory_order_acquire)[row % kBlockRows];
}

Columns::Columns() {
  const auto seed = random_seed();
  for (auto& dictionary : dictionaries_) dictionary = std::make_unique<Dictionary>(seed);
}

void Columns::append(const RowFacts& facts) {
  const Row row = rows_.load(std::memory_order_relaxed);
  DAYBOOK_CHECK(row < kNoRow);
  const auto at = row % kBlockRows;
  if (at == 0) {
    auto fresh = std::make_unique_for_overwrite<Block>();
    const std::unique_lock lock(mutex_);
    blocks_.push_back(std::move(fresh));
  }
  auto& block = *blocks_.back();
  block.date[at] = facts.date;
  if (facts.date > block.latest.load(std::memory_order_relaxed)) {
    block.latest.store(facts.date, std::memory_order_relaxed);
  }
  for (std::size_t i = 0; i < kWordFields; ++i) block.word[i][at] = facts.words[i];
  block.set_id(at, facts.id);
  for (std::size_t i = 0; i < kFixedColumns; ++i) {
    if (facts.values[i]) append_value(block, row, static_cast<Column>(i), *facts.values[i]);
  }
  for (const auto& detail : facts.details) append_detail(block, row, detail);
  rows_.store(row + 1, std::memory_order_release);
}

void Columns::append_value(Block& block, Row row, Column which, std::string_view text) {
  const auto index = static_cast<std::size_t>(which);
  const auto at = row % kBlockRows;
  const bool from_detail = which == Column::flow_id || which == Column::execution_id ||
                           which == Column::object_id || which == Column::namespace_;
  if (from_detail && text.size() > kFixedDetailBytesMax) {
    block.set_value(which, at, kOther);
    other_[index].store(true, std::memory_order_release);
    return;
  }
  auto& dictionary = *dictionaries_[index];
  const auto id = dictionary.intern(text);
  block.set_value(which, at, id);
  // The link before the head: who sees the head sees where it leads.
  if (index < kChainedColumns) block.set_chain(which, at, dictionary.last_row(id));
  dictionary.note_row(id, row);
}

void Columns::append_detail(Block& block, Row row, const RowFacts::Detail& detail) {
  const auto which = column_for(detail.key);
  if (!which) return;
  const auto index = static_cast<std::size_t>(*which);
  auto& dictionary = *dictionaries_[index];
  auto id = kOther;
  if (detail.text.size() <= kDetailBytesMax) {
    id = dictionary.size() < kDetailValuesMax ? dictionary.intern(detail.text)
                                              : dictionary.find(detail.text);
    if (id == kAbsent) id = kOther;
  }
  if (id == kOther) other_[index].store(true, std::memory_order_release);
  block.set_value(*which, row % kBlockRows, id);
}

// Only the writer changes detail_keys_, so it reads them without the lock.
std::optional<Column> Columns::column_for(std::string_view key) {
  const auto known = std::find(detail_keys_.begin(), detail_keys_.end(), key);
  const auto index = static_cast<std::size_t>(known - detail_keys_.begin());
  if (known == detail_keys_.end()) {
    if (keys_left_out_ && index == kDetailColumns) return std::nullopt;
    const std::unique_lock lock(mutex_);
    if (index == kDetailColumns || key.size() > kDetailKeyBytesMax) {
      keys_left_out_ = true;
      return std::nullopt;
    }
    detail_keys_.emplace_back(key);
  }
  return static_cast<Column>(kFixedColumns + index);
}

Columns::DetailColumn Columns::detail_column(std::string_view key) const {
  if (const auto fixed = fixed_detail_column(key)) return {.column = fixed};
  const std::shared_lock lock(mutex_);
  const auto known = std::find(detail_keys_.begin(), detail_keys_.end(), key);
  if (known == detail_keys_.end()) return {.column = {}, .known_absent = !keys_left_out_};
  return {.column = static_cast<Column>(kFixedColumns +
                                        static_cast<std::size_t>(known - detail_keys_.begin()))};
}

Row Columns::chained(Column which, Row row) const {
  const Block* block = nullptr;
  {
    const std::shared_lock lock(mutex_);
    block = blocks_[row / kBlockRows].get();
  }
  const auto& links = block->chain[static_cast<std::size_t>(which)];
  return links.load(std::memory_order_acquire)[row % kBlockRows];
}

Snapshot Columns::snapshot(Row rows) const {
  Snapshot out;
  out.rows = std::min(rows, this->rows());
  const auto count = (static_cast<std::size_t>(out.rows) + kBlockRows - 1) / kBlockRows;
  const std::shared_lock lock(mutex_);
  out.blocks.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.blocks.push_back(blocks_[i].get());
  return out;
}

}  // namespace daybook::search
