// SPDX-License-Identifier: Apache-2.0
#include "error_answer.h"

#include <utility>

#include "daybook/core/error_json.h"

namespace daybook::capture {
namespace {

// Seconds a client should wait: a full queue or disk may clear soon, a stopped ledger needs a
// restart.
constexpr std::int64_t kRetrySoon = 1;
constexpr std::int64_t kRetryLater = 30;

net::Response answer_of(unsigned status, const ErrorText& error) {
  net::Response response;
  response.head.status = status;
  response.head.headers.add("Content-Type", "application/json");
  response.body = error_json(error);
  response.head.content_length = response.body.size();
  return response;
}

}  // namespace

net::Response error_answer(unsigned status, std::string_view message, std::string_view path,
                           std::string_view self) {
  return answer_of(status, {message, path, self, {}});
}

net::Response refusal_answer(const Refusal& refusal, std::uint64_t count, std::uint64_t created,
                             std::string_view self) {
  const std::string more = "\"count\":" + std::to_string(count) +
                           ",\"created\":" + std::to_string(created) +
                           ",\"line\":" + std::to_string(refusal.line);
  net::Response response = answer_of(refusal.status, {refusal.message, refusal.path, self, more});
  if (refusal.retry_after_s) {
    response.head.headers.add("Retry-After", std::to_string(*refusal.retry_after_s));
  }
  return response;
}

Refusal conflict(const Error& error, std::string_view id, std::string path, std::uint64_t line) {
  const std::string_view why =
      error.path == "erased" ? " was erased" : " and other content exists already";
  return Refusal{409, "an event with id " + std::string(id) + std::string(why), std::move(path),
                 line};
}

Refusal not_taken(const Error& error, std::uint64_t line) {
  Refusal refusal;
  refusal.status = 503;
  refusal.message = "the ledger cannot take events now: " + error.context;
  refusal.line = line;
  refusal.retry_after_s = error.code == Errc::exhausted ? kRetrySoon : kRetryLater;
  return refusal;
}

}  // namespace daybook::capture
