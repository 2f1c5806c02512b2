// SPDX-License-Identifier: Apache-2.0
#include "own_event.h"

#include <string>
#include <utility>

namespace daybook::ledger {

record::Event own_event(std::string_view action, record::Json detail, const Clock& clock,
                        Random& random) {
  constexpr std::size_t kIdLength = 22;
  record::Event event;
  event.id = random_base62(random, kIdLength);
  event.kind = record::Kind::system;
  event.source = record::Source::system;
  event.action = std::string(action);
  event.resource = "INSTANCE";
  event.date = clock.now();
  event.recorded_at = event.date;
  event.detail = std::move(detail);
  event.actor_kind = record::ActorKind::system;
  event.actor.user_id = "system";
  event.actor.submitter = record::Submitter{"system", "system", "SYSTEM", std::nullopt};
  return event;
}

}  // namespace daybook::ledger
