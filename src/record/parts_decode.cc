// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"
#include "daybook/record/parts.h"

namespace daybook::record {
namespace {

// An event's own depth of 64 plus the nesting that parts and patches add around it.
constexpr JsonLimits kPartLimits{.depth_max = 256, .big_integers = true};

// Takes the members of one object one by one; what is left at the end nobody knows.
class PartReader {
 public:
  static Result<PartReader> open(std::string_view bytes) {
    Result<Json> value = parse_json(bytes, kPartLimits);
    if (!value || !value->is_object()) {
      return Error{Errc::corrupt, "part is not a JSON object"};
    }
    return PartReader(*std::move(value));
  }
  explicit PartReader(Json object) : object_(std::move(object)) {}

  void text(const char* name, std::string& out) {
    OptionalText value;
    text(name, value);
    require(value.has_value(), name);
    out = std::move(value).value_or("");
  }
  void text(const char* name, OptionalText& out) {
    if (Json* value = member(name, Json::value_t::string)) {
      out = std::move(value->get_ref<std::string&>());
    }
  }
  void number(const char* name, std::optional<std::int64_t>& out) {
    const auto at = object_.find(name);
    if (at == object_.end()) {
      return;
    }
    require(at->is_number_integer(), name);
    if (at->is_number_integer()) {
      out = at->get<std::int64_t>();
    }
    object_.erase(at);
  }
  void time(const char* name, UnixMillis& out) {
    std::string value;
    text(name, value);
    const Result<UnixMillis> parsed = parse_time(value);
    require(parsed.has_value(), name);
    out = parsed.value_or(0);
  }
  template <class Enum>
  void word(const char* name, Enum& out, Result<Enum> (*parse)(std::string_view)) {
    std::string value;
    text(name, value);
    const Result<Enum> parsed = parse(value);
    require(parsed.has_value(), name);
    out = parsed.value_or(out);
  }
  void object(const char* name, Json& out) {
    if (Json* value = member(name, Json::value_t::object)) {
      out = std::move(*value);
    }
  }
  void array(const char* name, Json& out) {
    if (Json* value = member(name, Json::value_t::array)) {
      out = std::move(*value);
    }
  }
  void any(const char* name, std::optional<Json>& out) {
    if (const auto at = object_.find(name); at != object_.end()) {
      out = std::move(*at);
      object_.erase(at);
    }
  }
  void require(bool holds, const char* name) {
    if (!holds && wrong_.empty()) {
      wrong_ = name;
    }
  }
  [[nodiscard]] Status finish() const {
    if (!wrong_.empty()) {
      return Error{Errc::corrupt, "part member is missing or of a wrong kind", wrong_};
    }
    if (!object_.empty()) {
      return Error{Errc::corrupt, "part has an unknown member"};
    }
    return {};
  }

 private:
  // Takes the member out; its value if it has that type. Good until the next call.
  Json* member(const char* name, Json::value_t type) {
    const auto at = object_.find(name);
    if (at == object_.end()) {
      return nullptr;
    }
    require(at->type() == type, name);
    taken_ = std::move(*at);
    object_.erase(at);
    return taken_.type() == type ? &taken_ : nullptr;
  }

  Json object_;
  Json taken_;  // The value last handed out.
  std::string wrong_;
};

Status read_request(Json object, RequestInfo& out) {
  PartReader r(std::move(object));
  r.number("durationMs", out.duration_ms);
  r.text("method", out.method);
  r.text("path", out.path);
  r.text("requestId", out.request_id);
  r.number("status", out.status);
  return r.finish();
}

Status read_submitter(Json object, Submitter& out) {
  PartReader r(std::move(object));
  r.text("id", out.id);
  r.text("tokenId", out.token_id);
  r.text("type", out.type);
  r.text("username", out.username);
  return r.finish();
}

Status read_event(std::string_view bytes, Event& out) {
  DAYBOOK_ASSIGN_OR_RETURN(PartReader r, PartReader::open(bytes));
  std::optional<std::int64_t> version;
  Json request;
  r.number("v", version);
  r.require(version == 1, "v");
  r.text("action", out.action);
  r.word("actorKind", out.actor_kind, &parse_actor_kind);
  r.text("attemptId", out.attempt_id);
  r.time("date", out.date);
  r.object("detail", out.detail);
  r.text("id", out.id);
  r.word("kind", out.kind, &parse_kind);
  r.text("message", out.message);
  r.text("reason", out.reason);
  r.time("recordedAt", out.recorded_at);
  r.object("request", request);
  r.text("resource", out.resource);
  r.word("result", out.result, &parse_result);
  r.word("source", out.source, &parse_source);
  r.text("status", out.status);
  r.text("tenantId", out.tenant_id);
  DAYBOOK_RETURN_IF_ERROR(r.finish());
  if (request.is_object()) {
    DAYBOOK_RETURN_IF_ERROR(read_request(std::move(request), out.request.emplace()));
  }
  return {};
}

Status read_actor(std::string_view bytes, Actor& out) {
  DAYBOOK_ASSIGN_OR_RETURN(PartReader r, PartReader::open(bytes));
  Json submitter;
  r.text("email", out.email);
  r.text("impersonatedBy", out.impersonated_by);
  r.text("ipAddress", out.ip_address);
  r.text("name", out.name);
  r.object("subject", out.subject);
  r.object("submitter", submitter);
  r.text("type", out.type);
  r.text("userAgent", out.user_agent);
  r.text("userId", out.user_id);
  r.text("username", out.username);
  DAYBOOK_RETURN_IF_ERROR(r.finish());
  if (submitter.is_object()) {
    DAYBOOK_RETURN_IF_ERROR(read_submitter(std::move(submitter), out.submitter.emplace()));
  }
  return {};
}

Status read_change(std::string_view bytes, Change& out) {
  DAYBOOK_ASSIGN_OR_RETURN(PartReader r, PartReader::open(bytes));
  r.any("after", out.after);
  r.array("appliedPatch", out.applied_patch);
  r.any("before", out.before);
  r.text("excerpt", out.excerpt);
  r.array("revertPatch", out.revert_patch);
  return r.finish();
}

}  // namespace

Result<Event> decode(const Parts& parts) {
  Event event;
  if (!parts[Part::event].empty()) {
    DAYBOOK_RETURN_IF_ERROR(read_event(parts[Part::event], event));
  }
  if (!parts[Part::actor].empty()) {
    DAYBOOK_RETURN_IF_ERROR(read_actor(parts[Part::actor], event.actor));
  }
  if (!parts[Part::change].empty()) {
    DAYBOOK_RETURN_IF_ERROR(read_change(parts[Part::change], event.change));
  }
  return event;
}

}  // namespace daybook::record
