// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"
#include "daybook/net/http.h"

namespace daybook::capture {

// A refusal in the shape of core/error_json.h. `path` may be empty; `self` is the request's path
// without its query.
[[nodiscard]] net::Response error_answer(unsigned status, std::string_view message,
                                         std::string_view path, std::string_view self);

// Why an ingest request, or the rest of it, is not taken.
struct Refusal {
  unsigned status = 422;
  std::string message;
  std::string path;        // JSON Pointer into the body or the line, or a parameter's name.
  std::uint64_t line = 1;  // NDJSON line, position in an array, or 1; from 1.
  std::optional<std::int64_t> retry_after_s = std::nullopt;
  bool close = false;  // The rest of the body will not be read.
};

// The answer of a refusal: `count` events were taken before it, `created` of them new.
[[nodiscard]] net::Response refusal_answer(const Refusal& refusal, std::uint64_t count,
                                           std::uint64_t created, std::string_view self);

// 409: the id stands for other content already.
// `error` is the ledger's: other content, or erased.
[[nodiscard]] Refusal conflict(const Error& error, std::string_view id, std::string path,
                               std::uint64_t line);

// 503 with Retry-After, for an append that the ledger did not take. Not for Errc::exists.
[[nodiscard]] Refusal not_taken(const Error& error, std::uint64_t line);

}  // namespace daybook::capture
