// SPDX-License-Identifier: Apache-2.0
#include "read_events.h"

#include <utility>

namespace daybook::api {
namespace {

// Bytes of a query string kept with the entry about a read.
constexpr std::size_t kFiltersMax = 1024;
// A denied request may name anything as its tenant.
constexpr std::size_t kTenantMax = 64;

record::Event own_event(const Call& call) {
  record::Event event;
  event.kind = record::Kind::system;
  event.source = record::Source::system;
  event.date = call.services.now();
  event.action = "READ";
  event.resource = "AUDITLOG";
  event.actor_kind = actor_kind_of(call);
  event.actor = actor_of(call);
  if (!call.match.tenant.empty()) {
    event.detail["tenant"] = call.match.tenant.substr(0, kTenantMax);
  }
  return event;
}

std::string_view administered(Operation operation) {
  switch (operation) {
    case Operation::create_user:
      return "USER";
    case Operation::create_service_account:
    case Operation::create_token:
      return "SERVICE_ACCOUNT";
    case Operation::retention:
    case Operation::run_retention:
      return "RETENTION";
    case Operation::holds:
    case Operation::add_hold:
    case Operation::remove_hold:
      return "LEGAL_HOLD";
    case Operation::rotate_key:
      return "SIGNING_KEY";
    default:
      return "REDACTION";
  }
}

}  // namespace

record::ActorKind actor_kind_of(const Call& call) {
  return call.who->service_account ? record::ActorKind::service_account
                                   : record::ActorKind::standard;
}

record::Actor actor_of(const Call& call) {
  const access::Principal& who = *call.who;
  record::Actor actor;
  actor.user_id = who.id;
  actor.username = who.username;
  actor.type = std::string(record::to_string(actor_kind_of(call)));
  actor.ip_address = call.exchange.remote_address();
  if (const auto agent = call.exchange.head().headers.get("User-Agent")) {
    actor.user_agent = std::string(*agent);
  }
  actor.submitter = who.submitter();
  return actor;
}

evidence::Scope scope_of(const access::Principal& who, std::optional<std::string> tenant) {
  evidence::Scope out;
  out.tenant = std::move(tenant);
  out.namespace_ = who.namespace_prefix;
  if (who.role == access::Role::gateway) {
    out.submitter = who.id;
  }
  return out;
}

bool is_visible(const access::Principal& who, const record::Event& event) {
  query::Filter filter;
  filter.bounds = evidence::clauses_of(scope_of(who, std::nullopt));
  if (filter.bounds.empty()) {
    return true;
  }
  // Every kind can be read by its id.
  filter.all.push_back(
      {query::Field::kind, query::Op::in, "", {"event", "attempt", "outcome", "system"}});
  return query::matches(filter, event);
}

void record_read(const Call& call, std::string_view operation, record::Json detail) {
  record::Event event = own_event(call);
  event.detail.update(detail);
  event.detail["operation"] = operation;
  if (const std::string_view query = call.exchange.head().query(); !query.empty()) {
    event.detail["filters"] = query.substr(0, kFiltersMax);
  }
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  call.services.parts.recorder.record_later(std::move(events));
}

record::Event denied_event(const Call& call, std::string_view needed) {
  record::Event event = own_event(call);
  const Need need = call.match.route->need;
  event.action = need == Need::ingest || need == Need::administer ? "CREATE" : "READ";
  if (need == Need::administer) {
    event.resource = administered(call.match.route->operation);
  }
  event.result = record::ResultWord::denied;
  event.reason = needed;
  record::RequestInfo& request = event.request.emplace();
  request.method = call.exchange.head().method;
  request.path = std::string(call.exchange.head().path());
  request.status = 403;
  return event;
}

}  // namespace daybook::api
