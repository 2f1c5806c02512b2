// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace daybook::search {

// Text that never moves and is never freed before the arena. One writer; what append() returned may
// be read by any thread that learnt of it through a synchronising operation.
class Arena {
 public:
  static constexpr std::size_t kChunkBytes = std::size_t{16} * 1024;

  std::string_view append(std::string_view text) {
    if (text.size() > left_) grow(text.size());
    std::memcpy(next_, text.data(), text.size());
    const std::string_view stored(next_, text.size());
    next_ += text.size();
    left_ -= text.size();
    return stored;
  }

 private:
  // A long text gets a chunk of its own size; the rest of the last chunk is given up.
  void grow(std::size_t need) {
    const auto bytes = need > kChunkBytes ? need : kChunkBytes;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    next_ = chunks_.back().get();
    left_ = bytes;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace daybook::search
