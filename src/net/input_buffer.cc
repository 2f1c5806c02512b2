// SPDX-License-Identifier: Apache-2.0
#include "input_buffer.h"

#include <algorithm>
#include <cstring>

#include "daybook/core/check.h"

namespace daybook::net {

void InputBuffer::consume(std::size_t count) {
  DAYBOOK_CHECK(count <= size());
  begin_ += count;
}

std::span<char> InputBuffer::prepare(std::size_t capacity) {
  if (begin_ > 0) {
    const std::size_t unread = size();
    if (unread > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, unread);
    }
    begin_ = 0;
    end_ = unread;
  }
  const std::size_t wanted = std::max(capacity, end_ + 1);
  if (bytes_.size() < wanted) {
    bytes_.resize(wanted);
  }
  return spare();
}

void InputBuffer::give_back(std::size_t capacity) {
  if (empty() && bytes_.size() > capacity) {
    clear();
    bytes_ = std::vector<char>();
  }
}

std::span<char> InputBuffer::spare() {
  return {bytes_.data() + end_, bytes_.size() - end_};
}

}  // namespace daybook::net
