// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/capture/content_decoder.h"
#include "daybook/core/result.h"

namespace daybook::terminal {

// A file or standard input, read front to back in pieces and decompressed: gzip and zstd are known
// by their name (`.gz`, `.zst`) or their first bytes. Blocks.
class InputFile {
 public:
  // `-` is standard input. Errc::not_found, Errc::io. A read that waits for input ends with
  // Errc::cancelled soon after `stopping` is set.
  static Result<std::unique_ptr<InputFile>> open(const std::string& name,
                                                 const std::atomic<bool>& stopping);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // The next bytes, valid until the next call; empty at the end. Errc::invalid if the compressed
  // data is damaged or cut short.
  Result<std::string_view> read();
  // Bytes read from the file itself, and how many it has (0: not known).
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t bytes_total() const { return bytes_total_; }
  // The name without its compression suffix.
  [[nodiscard]] std::string_view plain_name() const;

 private:
  InputFile(std::string name, int descriptor, const std::atomic<bool>& stopping);
  Result<std::string_view> read_raw();

  std::string name_;
  int descriptor_;
  const std::atomic<bool>& stopping_;
  std::vector<char> buffer_;
  std::unique_ptr<capture::ContentDecoder> decoder_;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
  bool at_end_ = false;
};

}  // namespace daybook::terminal
