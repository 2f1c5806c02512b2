// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/record/json.h"

namespace daybook::kestra {

using record::Json;

enum class Level : std::uint8_t {
  none,      // Not recorded.
  metadata,  // Who, what, when.
  change,    // Also before, after, patches.
  body,      // Also the request body, redacted.
};
enum class Mode : std::uint8_t { strict, available };
enum class Bulk : std::uint8_t { no, ids, objects, query, file, yaml_multi };
// As in rule files; `no` where a rule says nothing.
[[nodiscard]] std::string_view to_string(Level level);
[[nodiscard]] std::string_view to_string(Mode mode);
[[nodiscard]] std::string_view to_string(Bulk bulk);

// A request as classification needs it. Views must outlive the call only.
struct RequestView {
  std::string_view method;
  std::string_view path;   // Raw, without query.
  std::string_view query;  // Raw.
};

// What a request is, from method and path alone.
struct Classification {
  std::string rule;  // Name of the rule, e.g. `updateFlow`; `unknown` for the fallback.
  bool known = true;
  Level level = Level::metadata;
  Mode mode = Mode::available;
  bool changes = false;              // Not a read: has an attempt in strict mode.
  bool opens_without_login = false;  // /ping, webhooks.
  bool webhook = false;
  bool sign_in = false;          // LOGIN, LOGOUT, IMPERSONATE: an `event` entry without tenantId.
  bool reason_required = false;  // Refused without a reason given by the client.
  Bulk bulk = Bulk::no;
  std::string resource;
  std::string action;
  std::optional<std::string> absent_action;  // Upsert: action if the object was not there before.
  std::string tenant;                        // `main` for routes without a tenant segment.
  std::string
      tenant_prefix;  // `/api/v1` or `/api/v1/{tenant}` as in the path, for the gateway's own GETs.
  std::string shown_path;  // Path with secret segments as `***`.
  Json detail =
      Json::object();  // Keys that the path tells, and `query` after redaction if there is one.
  std::optional<std::string> before_target;  // Target of the GET ahead (path and query).
  std::optional<std::string>
      after_target;  // Target of a GET behind, where the answer does not tell.
};

// One touched object of a finished request.
struct Touched {
  Json detail = Json::object();
  std::string action;
  std::optional<Json> before;
  std::optional<Json> after;
};

// Bodies as far as they were kept; all decoded (no content-encoding). nullopt: not kept or none.
struct Captured {
  std::string_view request_content_type;
  std::optional<std::string_view> request_body;
  unsigned status = 0;
  std::string_view response_content_type;
  std::optional<std::string_view> response_body;
  std::optional<std::string_view> before_body;  // Answer of the GET ahead; only if it was 200.
  bool before_absent = false;                   // The GET ahead was 404.
  std::optional<std::string_view> after_body;
};

// The outcome's content: detail of the request itself, and one Touched per object.
struct Interpretation {
  Json detail = Json::object();
  std::string action;
  std::vector<Touched> touched;  // One for a single-object operation; many, or none, for bulk.
  bool bulk = false;
  std::optional<std::int64_t> count;
  std::optional<std::string> excerpt;  // Level::body: the request body, redacted, at most 16 KiB.
  std::optional<std::string> message;  // Of an error answer, redacted.
  // `POST .../basicAuth`: the user name in the body. Its keyed hash is `detail.id`; the name itself
  // is never stored.
  std::optional<std::string> hash_username;
};

// The rule file: data with a schema, reviewed against Kestra's routes. Immutable once loaded.
// Threads: any.
class Rules {
 public:
  // Errc::invalid with line and column in context.
  static Result<std::unique_ptr<Rules>> parse(std::string_view yaml);
  // The file built into the program.
  static const Rules& builtin();
  virtual ~Rules() = default;

  [[nodiscard]] virtual const std::string& version() const = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;  // Number of rules.
  // docs/kestra.md, "Which rule": raw path, one trailing slash stripped, most fixed segments win.
  [[nodiscard]] virtual Classification classify(const RequestView& request) const = 0;
  // Pure: fills in what bodies and answers tell, redacted.
  [[nodiscard]] virtual Interpretation interpret(const RequestView& request,
                                                 const Classification& what,
                                                 const Captured& captured) const = 0;
};

// Replaces secrets in a document by `***`: `key` of Webhook triggers, secret values, passwords.
[[nodiscard]] Json redact(Json document);
// The same for YAML flow source, text kept otherwise byte for byte.
[[nodiscard]] std::string redact_yaml(std::string_view source);
// Query parameters after redaction, as an object (repeated ones as arrays).
[[nodiscard]] Json redact_query(std::string_view raw_query);

}  // namespace daybook::kestra
