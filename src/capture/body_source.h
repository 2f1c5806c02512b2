// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "daybook/capture/content_decoder.h"
#include "daybook/core/result.h"
#include "daybook/net/server.h"
#include "daybook/net/task.h"

namespace daybook::capture {

// The body of a request, decoded, in slices as it arrives.
//
// Ownership: the exchange outlives it; slices are valid until the next call.
class BodySource {
 public:
  BodySource(net::Exchange& exchange, ContentCoding coding)
      : exchange_(exchange), decoder_(ContentDecoder::make(coding)) {}

  // The next slice; empty at the end. Errc::invalid: not of the coding (`bad_coding()` is then
  // true) or broken framing; Errc::cancelled, Errc::timeout as the exchange says.
  net::Task<Result<std::string_view>> next();
  [[nodiscard]] bool bad_coding() const { return bad_coding_; }

 private:
  net::Exchange& exchange_;
  std::unique_ptr<ContentDecoder> decoder_;
  bool given_ = false;  // The decoder may hold more.
  bool bad_coding_ = false;
};

}  // namespace daybook::capture
