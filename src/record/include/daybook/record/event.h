// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"
#include "daybook/record/json.h"

namespace daybook::record {

enum class Kind : std::uint8_t {
  event,    // Ingested, or captured in available mode.
  attempt,  // What is known before a request is forwarded (strict mode).
  outcome,  // The whole event after it; attempt_id names the attempt.
  system,   // daybook's own act; no tenant.
};
enum class Source : std::uint8_t { gateway, ingest, observed, imported, system };
enum class ActorKind : std::uint8_t { standard, service_account, system, webhook, anonymous };
enum class ResultWord : std::uint8_t { success, failure, denied, unknown };

// Words as they stand in the parts: `event`, `gateway`, `SERVICE_ACCOUNT`, `SUCCESS` …
[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] std::string_view to_string(Source source);
[[nodiscard]] std::string_view to_string(ActorKind kind);
[[nodiscard]] std::string_view to_string(ResultWord result);
Result<Kind> parse_kind(std::string_view word);
Result<Source> parse_source(std::string_view word);
Result<ActorKind> parse_actor_kind(std::string_view word);
Result<ResultWord> parse_result(std::string_view word);

using OptionalText = std::optional<std::string>;

// Who authenticated to daybook; always set by daybook.
struct Submitter {
  std::string id;
  std::string username;
  std::string type;  // STANDARD, SERVICE_ACCOUNT or SYSTEM.
  OptionalText token_id;
};

// Personal data: the actor part.
struct Actor {
  OptionalText user_id;
  OptionalText username;
  OptionalText email;
  OptionalText name;
  OptionalText type;  // STANDARD, SERVICE_ACCOUNT; absent for SYSTEM and anonymous actors.
  OptionalText ip_address;
  OptionalText user_agent;
  OptionalText impersonated_by;
  std::optional<Submitter> submitter;
  Json subject;  // Object about a user who was acted upon, or null.
};

struct RequestInfo {
  OptionalText method;
  OptionalText path;
  std::optional<std::int64_t> status;
  std::optional<std::int64_t> duration_ms;
  OptionalText request_id;
};

// The change part. Absent members are null (patches: null or arrays).
struct Change {
  Json applied_patch;
  Json revert_patch;
  std::optional<Json> before;
  std::optional<Json> after;
  OptionalText excerpt;
};

// One event, before it is an entry. Times in UTC milliseconds.
struct Event {
  std::string id;
  OptionalText tenant_id;
  Kind kind = Kind::event;
  OptionalText attempt_id;
  UnixMillis date = 0;         // The source's clock.
  UnixMillis recorded_at = 0;  // Ours.
  std::string action;          // Kestra's `type`: CREATE, UPDATE …; any word.
  std::string resource;        // FLOW, EXECUTION …; any word.
  Json detail = Json::object();
  ResultWord result = ResultWord::success;
  OptionalText status;
  OptionalText message;
  OptionalText reason;
  std::optional<RequestInfo> request;
  Source source = Source::ingest;
  ActorKind actor_kind = ActorKind::standard;
  Actor actor;
  Change change;
};

// daybook itself.
[[nodiscard]] Actor system_actor();
// A `system` event about this instance, by daybook itself; without id.
[[nodiscard]] Event instance_event(std::string_view action, UnixMillis date, Json detail);

// Rules of contract section 1. `id` and tenant syntax.
[[nodiscard]] bool is_entry_id(std::string_view id);
// Words of the API's paths, which are no ids: search, export …
[[nodiscard]] bool is_reserved_id(std::string_view id);
[[nodiscard]] bool is_tenant(std::string_view tenant);

}  // namespace daybook::record
