// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/key_rotations.h"

#include <utility>
#include <vector>

#include "daybook/capture/heartbeat.h"
#include "daybook/ledger/key_rotation.h"

namespace daybook::capture {
namespace {

// `key-rotation-<8 hex digits of the new key's id>`: the vkey's middle field.
std::string entry_id(const std::string& vkey) {
  const std::size_t at = vkey.find('+') + 1;
  return "key-rotation-" + vkey.substr(at, vkey.find('+', at) - at);
}

}  // namespace

Result<record::Event> key_rotated_event(const Clock& clock, const std::string& statement) {
  DAYBOOK_ASSIGN_OR_RETURN(const ledger::KeyRotation rotation, ledger::open_rotation(statement));
  record::Event event = instance_event(clock, "KEY_ROTATED",
                                       {{"oldKey", rotation.old_key},
                                        {"newKey", rotation.new_key},
                                        {"rotatedAt", format_time(rotation.at)},
                                        {"statement", statement}});
  event.resource = "SIGNING_KEY";
  event.id = entry_id(rotation.new_key);
  return event;
}

Result<std::uint64_t> record_missed_rotations(ledger::Ledger& ledger, const Clock& clock,
                                              Random& random) {
  std::vector<ledger::Draft> batch;
  for (const std::string& statement : ledger.signing_keys().rotations()) {
    DAYBOOK_ASSIGN_OR_RETURN(record::Event event, key_rotated_event(clock, statement));
    if (ledger.reader().find(ledger::id_key("", event.id))) continue;
    event.recorded_at = clock.now();
    batch.push_back(ledger::prepare(event, {}, random));
  }
  const std::uint64_t count = batch.size();
  if (count > 0) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto stored, append_and_wait(ledger, std::move(batch)));
  }
  return count;
}

}  // namespace daybook::capture
