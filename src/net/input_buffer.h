// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace daybook::net {

// Bytes received and not yet used. Grows on demand up to the size asked for, never shrinks.
// Views stay valid until prepare(); consume() does not move bytes.
class InputBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void consume(std::size_t count);
  // Free space behind the unread bytes: enough to hold `capacity` bytes in all, at least one byte.
  [[nodiscard]] std::span<char> prepare(std::size_t capacity);
  // What is free behind the unread bytes without moving anything; may be empty.
  [[nodiscard]] std::span<char> spare();
  void commit(std::size_t count) { end_ += count; }
  // Frees the memory if it is more than `capacity` bytes and nothing is unread.
  void give_back(std::size_t capacity);
  void clear() { begin_ = end_ = 0; }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace daybook::net
