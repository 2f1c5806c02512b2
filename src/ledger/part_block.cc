// SPDX-License-Identifier: Apache-2.0
#include "part_block.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <unordered_map>

#include "part_member.h"

namespace daybook::ledger {

namespace {

// More would be packed tighter, but a single entry would be read more slowly.
constexpr std::uint32_t kBlockEntries = 512;
constexpr std::uint8_t kRows = 0;
constexpr std::uint8_t kColumns = 1;
// In a shape: here stands a value, of the column whose number follows. Behind each value in a
// column: its end. Canonical JSON has no bytes below 0x20.
constexpr std::uint8_t kValue = 1;
constexpr std::uint8_t kEnd = 0;
constexpr std::uint8_t kControlEnd = 0x20;
constexpr std::uint32_t kNoColumn = ~std::uint32_t{0};

void put_leb(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

bool is_number_byte(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}
bool begins_number(char c) {
  return (c >= '0' && c <= '9') || c == '-';
}

// Parts as shapes and columns. What is no JSON is still given back as it was, if it has no control
// bytes.
class Columns {
 public:
  void add(std::string_view part) {
    shape_.clear();
    key_.assign(1, '\0');
    depth_ = 0;
    for (std::size_t at = 0; at < part.size();) at = token(part, at);
    const auto [found, is_new] = shapes_.try_emplace(std::string(as_text(shape_)), shapes_.size());
    if (is_new) {
      put_leb(shape_bytes_, shape_.size());
      put_bytes(shape_bytes_, shape_);
    }
    put_leb(numbers_, found->second);
    bytes_ += part.size();
    ++count_;
  }

  Bytes take() {
    Bytes out{kColumns};
    put_leb(out, count_);
    put_leb(out, bytes_);
    put_leb(out, shapes_.size());
    put_bytes(out, shape_bytes_);
    put_bytes(out, numbers_);
    put_leb(out, columns_.size());
    for (const Bytes& column : columns_) put_leb(out, column.size());
    for (const Bytes& column : columns_) put_bytes(out, column);
    return out;
  }

 private:
  std::size_t token(std::string_view part, std::size_t at) {
    const char c = part[at];
    if (c == '"') {
      const std::size_t end = string_end(part, at + 1);
      if (end >= part.size()) return literal(part, at, part.size());
      const std::string_view text = part.substr(at + 1, end - at - 1);
      if (end + 1 < part.size() && part[end + 1] == ':') {
        key_.assign(1, static_cast<char>(depth_));
        key_.append(text);
        return literal(part, at, end + 1);
      }
      shape_.push_back('"');
      value(text);
      shape_.push_back('"');
      return end + 1;
    }
    if (begins_number(c)) {
      std::size_t end = at + 1;
      while (end < part.size() && is_number_byte(part[end])) ++end;
      value(part.substr(at, end - at));
      return end;
    }
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    return literal(part, at, at + 1);
  }

  std::size_t literal(std::string_view part, std::size_t from, std::size_t to) {
    put_bytes(shape_, as_bytes(part.substr(from, to - from)));
    return to;
  }

  // Values of one name at one depth share a column.
  void value(std::string_view text) {
    const auto [found, is_new] = column_of_.try_emplace(key_, columns_.size());
    if (is_new) columns_.emplace_back();
    shape_.push_back(kValue);
    put_leb(shape_, found->second);
    Bytes& column = columns_[found->second];
    put_bytes(column, as_bytes(text));
    column.push_back(kEnd);
  }

  std::uint32_t count_ = 0;
  std::uint64_t bytes_ = 0;
  std::unordered_map<std::string, std::size_t> shapes_;
  Bytes shape_bytes_;
  Bytes numbers_;
  std::unordered_map<std::string, std::size_t> column_of_;
  std::vector<Bytes> columns_;
  // Of the part being added.
  Bytes shape_;
  std::string key_;  // Depth and name of the last member.
  unsigned depth_ = 0;
};

// Takes content apart; after the first thing that is not as it should be `good` is false.
class Content {
 public:
  explicit Content(ByteSpan bytes) : bytes_(bytes) {}

  std::uint64_t leb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift <= 28; shift += 7) {
      if (at_ == bytes_.size()) break;
      const std::uint8_t byte = bytes_[at_++];
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    good = false;
    return 0;
  }
  ByteSpan take(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      good = false;
      return {};
    }
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

  bool good = true;

 private:
  ByteSpan bytes_;
  std::size_t at_ = 0;
};

// A shape: text, each piece but the last followed by a value.
struct Piece {
  ByteSpan text;
  std::uint32_t column = kNoColumn;
};
using Shape = std::vector<Piece>;

std::optional<Shape> parse_shape(ByteSpan bytes) {
  Shape shape;
  Content left(bytes);
  while (left.good) {
    const ByteSpan rest = bytes.subspan(left.at());
    const void* mark = rest.empty() ? nullptr : std::memchr(rest.data(), kValue, rest.size());
    if (mark == nullptr) {
      shape.push_back({rest, kNoColumn});
      return shape;
    }
    const auto length =
        static_cast<std::size_t>(static_cast<const std::uint8_t*>(mark) - rest.data());
    const ByteSpan text = left.take(length + 1).first(length);
    shape.push_back({text, static_cast<std::uint32_t>(left.leb())});
  }
  return std::nullopt;
}

// Parts from shapes and columns.
class Joiner {
 public:
  Joiner(Content& content, std::uint32_t count) : content_(content), count_(count) {}

  std::optional<Block> run(std::uint64_t bytes_max) {
    const std::uint64_t bytes = content_.leb();
    const std::uint64_t shapes = content_.leb();
    if (!content_.good || bytes > bytes_max || shapes > count_) return std::nullopt;
    for (std::uint64_t n = 0; n < shapes; ++n) {
      auto shape = parse_shape(content_.take(content_.leb()));
      if (!shape) return std::nullopt;
      shapes_.push_back(*std::move(shape));
    }
    numbers_.reserve(count_);
    for (std::uint32_t n = 0; n < count_; ++n) numbers_.push_back(content_.leb());
    if (!take_columns()) return std::nullopt;
    return join(bytes);
  }

 private:
  bool take_columns() {
    const std::uint64_t columns = content_.leb();
    std::vector<std::uint64_t> lengths;
    for (std::uint64_t n = 0; n < columns && content_.good; ++n) lengths.push_back(content_.leb());
    for (const std::uint64_t length : lengths) columns_.push_back(content_.take(length));
    return content_.good && content_.at_end();
  }

  std::optional<Block> join(std::uint64_t bytes) {
    Block block;
    block.raw.resize(bytes);
    block.offsets.reserve(count_ + std::size_t{1});
    out_ = block.raw;
    for (const std::uint64_t number : numbers_) {
      block.offsets.push_back(static_cast<std::uint32_t>(bytes - out_.size()));
      if (number >= shapes_.size()) return std::nullopt;
      for (const Piece& piece : shapes_[number]) {
        if (!put(piece.text) || (piece.column != kNoColumn && !put_value(piece.column))) {
          return std::nullopt;
        }
      }
    }
    block.offsets.push_back(static_cast<std::uint32_t>(bytes));
    if (!out_.empty()) return std::nullopt;
    for (const ByteSpan column : columns_) {
      if (!column.empty()) return std::nullopt;
    }
    return block;
  }

  bool put(ByteSpan bytes) {
    if (bytes.size() > out_.size()) return false;
    if (!bytes.empty()) std::memcpy(out_.data(), bytes.data(), bytes.size());
    out_ = out_.subspan(bytes.size());
    return true;
  }

  bool put_value(std::uint32_t number) {
    if (number >= columns_.size() || columns_[number].empty()) return false;
    ByteSpan& column = columns_[number];
    const void* end = std::memchr(column.data(), kEnd, column.size());
    if (end == nullptr) return false;
    const auto length =
        static_cast<std::size_t>(static_cast<const std::uint8_t*>(end) - column.data());
    if (!put(column.first(length))) return false;
    column = column.subspan(length + 1);
    return true;
  }

  Content& content_;
  const std::uint32_t count_;
  std::vector<Shape> shapes_;
  std::vector<std::uint64_t> numbers_;
  std::vector<ByteSpan> columns_;  // What is left of each.
  std::span<std::uint8_t> out_;
};

std::optional<Block> from_rows(Bytes content, Content& left, std::uint32_t count) {
  Block block;
  block.offsets.reserve(count + std::size_t{1});
  std::uint64_t end = 0;
  for (std::uint32_t n = 0; n < count; ++n) {
    block.offsets.push_back(static_cast<std::uint32_t>(end));
    end += left.leb();
    if (!left.good || end > content.size()) return std::nullopt;
  }
  if (left.at() + end != content.size()) return std::nullopt;
  for (std::uint32_t& offset : block.offsets) offset += static_cast<std::uint32_t>(left.at());
  block.offsets.push_back(static_cast<std::uint32_t>(content.size()));
  block.raw = std::move(content);
  return block;
}

}  // namespace

bool BlockBuilder::fits(std::size_t part_bytes) const {
  return ends_.empty() ||
         (count() < kBlockEntries && parts_.size() + part_bytes <= kBlockPartsBytes);
}

void BlockBuilder::add(std::string_view part) {
  put_bytes(parts_, as_bytes(part));
  ends_.push_back(parts_.size());
}

Bytes BlockBuilder::take() {
  const auto is_control = [](std::uint8_t byte) { return byte < kControlEnd; };
  // One part gains nothing from columns.
  const bool by_column = ends_.size() > 1 && std::ranges::none_of(parts_, is_control);
  Columns columns;
  Bytes rows{kRows};
  put_leb(rows, ends_.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    if (by_column) {
      columns.add(as_text(ByteSpan(parts_).subspan(begin, end - begin)));
    } else {
      put_leb(rows, end - begin);
    }
    begin = end;
  }
  if (!by_column) put_bytes(rows, parts_);
  parts_.clear();
  ends_.clear();
  return by_column ? columns.take() : rows;
}

std::optional<Block> unpack_block(Bytes content, std::uint32_t count, std::uint64_t bytes_max) {
  if (content.empty()) return std::nullopt;
  const std::uint8_t form = content.front();
  if (form == kRows) {
    // The view must not outlive the content's move.
    const Bytes& bytes = content;
    Content left(bytes);
    left.take(1);
    if (left.leb() != count) return std::nullopt;
    return from_rows(std::move(content), left, count);
  }
  if (form != kColumns) return std::nullopt;
  Content left(content);
  left.take(1);
  if (left.leb() != count) return std::nullopt;
  return Joiner(left, count).run(bytes_max);
}

}  // namespace daybook::ledger
