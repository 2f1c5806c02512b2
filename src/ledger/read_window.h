// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

namespace daybook::ledger {

// Reads a file forward in large pieces. Bytes at or past `limit` are treated as not there, so that
// a reader beside a writer sees one state of the file.
//
// Ownership: the file must outlive the window. Threads: one.
class ReadWindow {
 public:
  ReadWindow(const File& file, std::uint64_t limit) : file_(file), limit_(limit) {}

  // `length` bytes at `offset`, fewer at the end. Valid until the next call.
  Result<ByteSpan> view(std::uint64_t offset, std::uint64_t length);
  [[nodiscard]] std::uint64_t limit() const { return limit_; }

 private:
  const File& file_;
  std::uint64_t limit_;
  std::uint64_t start_ = 0;
  Bytes buffer_;
};

}  // namespace daybook::ledger
