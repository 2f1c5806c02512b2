// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daybook/core/result.h"
#include "daybook/record/json.h"

namespace daybook::terminal {

// A record of an import as the ingest API takes it.
struct ImportRecord {
  record::Json event;                 // The body of an ingest request (API contract, section 5).
  std::optional<std::string> tenant;  // The one a row names; an event names none.
  bool is_row = false;
};

// An event stays as it is; a row that daybook (or Kestra) exported, `{"auditLog":{…},"user":{…}}`,
// becomes the event that is shown as this row: same id, date, actor, detail and patches, and with
// `daybook` beside them also result, status, message, reason, request and user agent. What a row
// does not hold (before, after, who submitted it) is not made up. Errc::invalid with the JSON
// Pointer into the row.
Result<ImportRecord> import_record(record::Json value);

}  // namespace daybook::terminal
