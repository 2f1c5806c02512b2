// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <string_view>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/record/parts.h"

#include "read_events.h"

namespace daybook::api {

using record::Json;
using record::Part;

namespace {

constexpr std::size_t kEchoMax = 128;  // Bytes of a path that a message repeats.

std::vector<std::string> erased_parts(const ledger::StoredEntry& entry) {
  std::vector<std::string> names;
  if (entry.is_erased(Part::event)) names.emplace_back("event");
  if (entry.is_erased(Part::actor)) names.emplace_back("actor");
  if (entry.is_erased(Part::change)) names.emplace_back("change");
  return names;
}

}  // namespace

Result<ShownEntry> RowReader::show(const ledger::StoredEntry& entry) const {
  DAYBOOK_ASSIGN_OR_RETURN(record::Event event, record::decode(entry.parts));
  return ShownEntry{
      std::move(event),
      {entry.index, entry.leaf_hash(), entry.index.value() < sealed_.value(), erased_parts(entry)}};
}

Result<ShownEntry> RowReader::read(EntryIndex index) const {
  DAYBOOK_ASSIGN_OR_RETURN(const ledger::StoredEntry entry, reader_.read(index));
  return show(entry);
}

Result<Json> RowReader::row(EntryIndex index, bool expand) const {
  DAYBOOK_ASSIGN_OR_RETURN(const ShownEntry shown, read(index));
  return record::render_row(shown.event, expand ? &shown.facts : nullptr);
}

Answer<ledger::StoredEntry> entry_of_path(const Call& call) {
  const ledger::Reader& reader = call.services.reader();
  const auto missing = [&] {
    return tl::unexpected(HttpError{404, "no entry " + call.match.id.substr(0, kEchoMax)});
  };
  if (!record::is_entry_id(call.match.id)) {
    return missing();
  }
  const auto index = reader.find(ledger::id_key(call.match.tenant, call.match.id));
  if (!index) {
    return missing();
  }
  Result<ledger::StoredEntry> entry = reader.read(*index);
  if (!entry) {
    return tl::unexpected(http_error(entry.error()));
  }
  const Result<record::Event> event = record::decode(entry->parts);
  if (!event) {
    return tl::unexpected(http_error(event.error()));
  }
  if (!is_visible(*call.who, *event)) {
    return missing();
  }
  return *std::move(entry);
}

Json disclosed_entry(const ledger::StoredEntry& entry, const std::string& origin,
                     ShownParts shown) {
  const auto part = [&](Part which, bool is_shown) {
    Json out = {{"commitment", to_hex(entry.commitments.at(static_cast<std::size_t>(which) - 1))}};
    if (entry.is_erased(which)) {
      out["state"] = "erased";
    } else if (is_shown) {
      out["bytes"] = to_base64(as_bytes(entry.parts[which]));
      out["salt"] = to_base64(entry.salt(which));
    } else {
      out["state"] = "withheld";
    }
    return out;
  };
  Json out = {{"index", entry.index.value()},
              {"origin", origin},
              {"leaf", to_base64(record::leaf_data(entry.commitments))},
              {"leafHash", to_hex(entry.leaf_hash())},
              {"parts",
               {{"event", part(Part::event, shown.event)},
                {"actor", part(Part::actor, shown.actor)},
                {"change", part(Part::change, shown.change)}}}};
  if (shown.event) {
    const Result<record::Event> event = record::decode(entry.parts);
    out["id"] = event ? event->id : std::string();
  }
  return out;
}

}  // namespace daybook::api
