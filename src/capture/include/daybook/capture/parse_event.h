// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/access/principal.h"
#include "daybook/core/clock.h"
#include "daybook/core/result.h"
#include "daybook/record/event.h"
#include "daybook/record/json.h"

namespace daybook::capture {

// What an ingested event gets from the request that brought it.
struct IngestContext {
  std::string tenant;
  access::Principal who;
  std::string remote_address;
  std::string user_agent;  // Empty: none.
};

struct ParsedEvent {
  record::Event event;  // Without id if none was sent.
  std::string content;  // Canonical JSON as sent, absent and null alike; empty without id: nothing
                        // can repeat it.
};

// One event of the ingest API (contract section 5), as sent. `now` is recordedAt, and the date of
// an event without one. Errc::invalid with the JSON Pointer of what is wrong in `path`.
Result<ParsedEvent> parse_event(record::Json value, const IngestContext& context, UnixMillis now);

}  // namespace daybook::capture
