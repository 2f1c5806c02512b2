// SPDX-License-Identifier: Apache-2.0
#include "daybook/record_testing/random_event.h"

#include <array>
#include <bit>
#include <cmath>
#include <string_view>

namespace daybook::record_testing {

using record::Json;

namespace {

constexpr std::int64_t kIntegerMax = 9007199254740991;
// 9999-12-31T23:59:59.999Z and 0000-01-01T00:00:00.000Z bound what a time can be.
constexpr std::uint64_t kTimeMax = 253402300799999;

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0U | (code >> 6U));
    byte(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    byte(0xE0U | (code >> 12U));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  } else {
    byte(0xF0U | (code >> 18U));
    byte(0x80U | ((code >> 12U) & 0x3FU));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  }
}

}  // namespace

std::uint64_t RandomEvents::below(std::uint64_t bound) {
  return engine_() % bound;
}

std::string RandomEvents::text() {
  std::string out;
  for (std::uint64_t left = below(13); left > 0; --left) {
    switch (below(6)) {
      case 0:
        append_utf8(out, static_cast<std::uint32_t>(below(0x20)));
        break;
      case 1:
        append_utf8(out, 0xE000 + static_cast<std::uint32_t>(below(0x2000)));
        break;
      case 2:
        append_utf8(out, 0x10000 + static_cast<std::uint32_t>(below(0x100000)));
        break;
      case 3:
        append_utf8(out, 0x80 + static_cast<std::uint32_t>(below(0xD780)));
        break;
      default:
        append_utf8(out, 0x20 + static_cast<std::uint32_t>(below(0x60)));
        break;
    }
  }
  return out;
}

record::OptionalText RandomEvents::maybe_text() {
  return coin() ? record::OptionalText(text()) : std::nullopt;
}

Json RandomEvents::number() {
  switch (below(4)) {
    case 0:
      return static_cast<std::int64_t>(below(1000));
    case 1:
      return kIntegerMax - static_cast<std::int64_t>(below(2 * kIntegerMax));
    case 2:
      return static_cast<double>(below(1000000)) / 1000;
    default:
      break;
  }
  const auto any = std::bit_cast<double>(engine_());
  return std::isfinite(any) ? any : 0.5;
}

Json RandomEvents::object(std::size_t depth) {
  Json out = Json::object();
  for (std::uint64_t left = below(4); left > 0; --left) {
    out[text()] = json(depth - 1);
  }
  return out;
}

Json RandomEvents::json(std::size_t depth) {
  switch (depth == 0 ? below(4) : below(6)) {
    case 0:
      return nullptr;
    case 1:
      return coin();
    case 2:
      return number();
    case 3:
      return text();
    case 4:
      return object(depth);
    default:
      break;
  }
  Json out = Json::array();
  for (std::uint64_t left = below(4); left > 0; --left) {
    out.push_back(json(depth - 1));
  }
  return out;
}

void RandomEvents::fill_actor(record::Actor& actor) {
  for (record::OptionalText* member :
       {&actor.user_id, &actor.username, &actor.email, &actor.name, &actor.type, &actor.ip_address,
        &actor.user_agent, &actor.impersonated_by}) {
    *member = maybe_text();
  }
  if (coin()) {
    actor.submitter = record::Submitter{text(), text(), text(), maybe_text()};
  }
  if (coin()) {
    actor.subject = object(2);
    actor.subject["id"] = text();
  }
}

void RandomEvents::fill_change(record::Change& change) {
  if (coin()) {
    change.applied_patch = Json::array({object(2)});
  }
  if (coin()) {
    change.revert_patch = Json::array();
  }
  if (coin()) {
    change.before = json(4);
  }
  if (coin()) {
    change.after = json(4);
  }
  change.excerpt = maybe_text();
}

record::Event RandomEvents::event() {
  record::Event event;
  event.id = text();
  event.tenant_id = maybe_text();
  event.kind = static_cast<record::Kind>(below(4));
  event.attempt_id = maybe_text();
  event.date = static_cast<UnixMillis>(below(kTimeMax));
  event.recorded_at = static_cast<UnixMillis>(below(kTimeMax));
  event.action = text();
  event.resource = text();
  event.detail = object(4);
  event.result = static_cast<record::ResultWord>(below(4));
  event.status = maybe_text();
  event.message = maybe_text();
  event.reason = maybe_text();
  event.source = static_cast<record::Source>(below(5));
  event.actor_kind = static_cast<record::ActorKind>(below(5));
  if (coin()) {
    record::RequestInfo& request = event.request.emplace();
    request.method = maybe_text();
    request.path = maybe_text();
    request.request_id = maybe_text();
    if (coin()) {
      request.status = static_cast<std::int64_t>(below(600));
      request.duration_ms = static_cast<std::int64_t>(below(100000));
    }
  }
  if (coin()) {
    fill_actor(event.actor);
  }
  if (coin()) {
    fill_change(event.change);
  }
  return event;
}

record::Event RandomEvents::ingested() {
  constexpr std::array<std::string_view, 4> actions = {"CREATE", "UPDATE", "DELETE", "READ"};
  constexpr std::array<std::string_view, 4> resources = {"FLOW", "EXECUTION", "TRIGGER", "KVSTORE"};
  constexpr std::array<std::string_view, 3> tenants = {"main", "alpha", "beta"};
  record::Event event;
  event.id = "e" + std::to_string(engine_());
  event.tenant_id = tenants.at(below(tenants.size()));
  event.date = static_cast<UnixMillis>(1780000000000 + below(100000000));
  event.recorded_at = event.date + static_cast<UnixMillis>(below(5000));
  event.action = actions.at(below(actions.size()));
  event.resource = resources.at(below(resources.size()));
  event.detail = {{"id", "flow" + std::to_string(below(20))},
                  {"namespace", below(2) == 0 ? "company.team" : "company.other"},
                  {"revision", below(9)}};
  event.result = static_cast<record::ResultWord>(below(4));
  event.actor.user_id = "user" + std::to_string(below(10));
  event.actor.username = "name of " + *event.actor.user_id;
  event.actor.type = "STANDARD";
  event.actor.ip_address = "10.0.0." + std::to_string(below(250));
  event.actor.submitter = record::Submitter{"submitter", "collector", "SERVICE_ACCOUNT", {}};
  return event;
}

}  // namespace daybook::record_testing
