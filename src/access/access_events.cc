// SPDX-License-Identifier: Apache-2.0
#include "access_events.h"

#include "daybook/core/utf8.h"

namespace daybook::access {
namespace {

constexpr std::size_t kUserAgentBytesMax = 512;

record::OptionalText non_empty(const std::string& text) {
  return text.empty() ? record::OptionalText() : record::OptionalText(text);
}

record::Event base_event(std::string_view action, const Clock& clock, Random& random) {
  record::Event event;
  event.id = random_id(random);
  event.date = clock.now();
  event.recorded_at = event.date;
  event.action = action;
  event.source = record::Source::system;
  return event;
}

}  // namespace

void set_actor(record::Event& event, const Principal& who) {
  const record::Submitter submitter = who.submitter();
  if (submitter.type == "SYSTEM") {
    event.actor_kind = record::ActorKind::system;
  } else {
    event.actor_kind =
        who.service_account ? record::ActorKind::service_account : record::ActorKind::standard;
    event.actor.type = submitter.type;
  }
  event.actor.user_id = who.id;
  event.actor.username = who.username;
  event.actor.email = non_empty(who.email);
  event.actor.name = non_empty(who.name);
  event.actor.submitter = submitter;
}

void set_origin(record::Event& event, std::string_view address, std::string_view user_agent) {
  std::string_view agent = user_agent.substr(0, kUserAgentBytesMax);
  // Not in the middle of a character.
  while (agent.size() < user_agent.size() && !agent.empty() && !is_utf8(agent)) {
    agent.remove_suffix(1);
  }
  event.actor.ip_address = non_empty(std::string(address));
  event.actor.user_agent = non_empty(std::string(agent));
}

record::Event administration_event(std::string_view action, const Account& account,
                                   const Principal& by, const Clock& clock, Random& random) {
  record::Event event = base_event(action, clock, random);
  event.kind = record::Kind::system;
  event.resource = account.service_account ? "SERVICE_ACCOUNT" : "USER";
  event.detail["id"] = account.id;
  event.detail["role"] = to_string(account.role);
  if (account.tenant) event.detail["tenant"] = *account.tenant;
  if (account.namespace_prefix) event.detail["namespace"] = *account.namespace_prefix;
  set_actor(event, by);
  event.actor.subject = record::Json{{"id", account.id}, {"username", account.username}};
  if (!account.email.empty()) event.actor.subject["email"] = account.email;
  if (!account.name.empty()) event.actor.subject["name"] = account.name;
  return event;
}

record::Event sign_in_event(std::string_view action, record::ResultWord result, const Clock& clock,
                            Random& random) {
  record::Event event = base_event(action, clock, random);
  event.kind = record::Kind::event;
  event.resource = "USER";
  event.result = result;
  event.actor_kind = record::ActorKind::anonymous;
  return event;
}

}  // namespace daybook::access
