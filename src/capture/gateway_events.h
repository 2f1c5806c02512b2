// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daybook/kestra/rules.h"
#include "daybook/net/http.h"
#include "daybook/record/event.h"

#include "caller.h"

namespace daybook::capture {

// What is known of a request before it is forwarded.
struct RequestFacts {
  UnixMillis date = 0;  // When its head was complete.
  std::string method;
  std::optional<std::string> request_id;  // X-Request-Id.
  std::optional<std::string> reason;      // Why, in the client's words.
  Caller caller;
  kestra::Classification what;
};
// X-Daybook-Reason, or without it the query parameter daybookReason: at most 1,000 bytes of text
// without control characters; else nothing.
[[nodiscard]] std::optional<std::string> reason_of(const net::RequestHead& head);
[[nodiscard]] RequestFacts facts_of(const net::RequestHead& head, UnixMillis date, Caller caller,
                                    kestra::Classification what);

// How it ended.
struct Ending {
  record::ResultWord result = record::ResultWord::success;
  std::optional<unsigned> status;  // What the client was, or would have been, answered.
  bool answered = false;           // The status is Kestra's own.
  std::int64_t duration_ms = 0;
  std::optional<std::string> message;
  std::optional<std::string> reason;
  std::optional<std::string> attempt_id;  // Then the entries are outcomes, else events.
};

// Below 400: SUCCESS.
[[nodiscard]] record::ResultWord result_of(unsigned status);
// LOGIN and its kin are events without a tenant, whatever the mode.
[[nodiscard]] bool is_sign_in(const kestra::Classification& what);

[[nodiscard]] record::Event attempt_event(const RequestFacts& facts);
[[nodiscard]] record::Event denied_event(const RequestFacts& facts, unsigned status,
                                         std::string why);
// One entry, or for a bulk request one a touched object and one for the request itself.
[[nodiscard]] std::vector<record::Event> ending_events(const RequestFacts& facts,
                                                       const Ending& ending,
                                                       kestra::Interpretation content);

}  // namespace daybook::capture
