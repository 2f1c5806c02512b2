// SPDX-License-Identifier: Apache-2.0
#include "read_window.h"

#include <algorithm>

namespace daybook::ledger {

namespace {
// Large enough that small groups cost no call each, small enough to have many windows.
constexpr std::uint64_t kPieceBytes = 256U << 10U;
}  // namespace

Result<ByteSpan> ReadWindow::view(std::uint64_t offset, std::uint64_t length) {
  if (offset >= limit_) return ByteSpan{};
  length = std::min(length, limit_ - offset);
  if (offset < start_ || offset + length > start_ + buffer_.size()) {
    const std::uint64_t piece = std::min(std::max(length, kPieceBytes), limit_ - offset);
    if (buffer_.size() > 2 * kPieceBytes && piece <= kPieceBytes) Bytes().swap(buffer_);
    buffer_.resize(piece);
    start_ = offset;
    auto got = file_.read_at(offset, buffer_);
    if (!got) {
      buffer_.clear();
      return std::move(got).error();
    }
    buffer_.resize(*got);
  }
  const std::uint64_t have = start_ + buffer_.size() - offset;
  return ByteSpan(buffer_).subspan(offset - start_, std::min(length, have));
}

}  // namespace daybook::ledger
