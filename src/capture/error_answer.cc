// SPDX-License-Identifier: Apache-2.0
#include "error_answer.h"

#include <utility>

namespace daybook::capture {
namespace {

// Seconds a client should wait: a full queue or disk may clear soon, a stopped ledger needs a
// restart.
constexpr std::int64_t kRetrySoon = 1;
constexpr std::int64_t kRetryLater = 30;

}  // namespace

record::Json error_body(std::string_view message, std::string_view path, std::string_view self) {
  record::Json error = {{"message", message}};
  if (!path.empty()) {
    error["path"] = path;
  }
  return {{"message", message},
          {"_links", {{"self", {{"href", self}}}}},
          {"_embedded", {{"errors", record::Json::array({std::move(error)})}}}};
}

net::Response json_answer(unsigned status, const record::Json& body) {
  net::Response response;
  response.head.status = status;
  response.head.headers.add("Content-Type", "application/json");
  response.body = body.dump(-1, ' ', false, record::Json::error_handler_t::replace);
  response.head.content_length = response.body.size();
  return response;
}

net::Response refusal_answer(const Refusal& refusal, std::uint64_t count, std::uint64_t created,
                             std::string_view self) {
  record::Json body = error_body(refusal.message, refusal.path, self);
  body["count"] = count;
  body["created"] = created;
  body["line"] = refusal.line;
  net::Response response = json_answer(refusal.status, body);
  if (refusal.retry_after_s) {
    response.head.headers.add("Retry-After", std::to_string(*refusal.retry_after_s));
  }
  return response;
}

Refusal conflict(std::string_view id, std::string path, std::uint64_t line) {
  return Refusal{409, "an event with id " + std::string(id) + " and other content exists already",
                 std::move(path), line};
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
