// SPDX-License-Identifier: Apache-2.0
#include "own_event.h"

#include <utility>

namespace daybook::ledger {

record::Event own_event(std::string_view action, record::Json detail, const Clock& clock,
                        Random& random) {
  record::Event event = record::instance_event(action, clock.now(), std::move(detail));
  event.id = random_id(random);
  event.recorded_at = event.date;
  return event;
}

}  // namespace daybook::ledger
