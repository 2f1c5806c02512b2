// SPDX-License-Identifier: Apache-2.0
#include "holds.h"

#include <algorithm>
#include <utility>

#include "daybook/core/percent.h"

#include "plan.h"
#include "selection.h"

namespace daybook::erasure {

namespace {

using query::Field;
using query::Op;
using record::Json;

constexpr std::size_t kHoldsMax = 1000;
constexpr std::string_view kMade = "CREATE";
constexpr std::string_view kEnded = "DELETE";

std::string text_of(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// A user id is how entries may name people.
bool names_people(query::Filter filter) {
  std::erase_if(filter.all, [](const query::Clause& clause) {
    return clause.field == Field::user_id && (clause.op == Op::equals || clause.op == Op::in);
  });
  return query::has_clause(filter, query::reads_actor);
}

record::Event hold_event(const Hold& hold, std::string_view action, const std::string& reason) {
  record::Event event;
  event.kind = record::Kind::system;
  event.source = record::Source::system;
  event.action = action;
  event.resource = kLegalHold;
  event.reason = reason;
  event.detail["id"] = hold.id;
  if (hold.tenant) event.detail["tenant"] = *hold.tenant;
  if (!hold.filters.empty()) event.detail["filters"] = hold.filters;
  return event;
}

}  // namespace

Json to_json(const Hold& hold) {
  Json out = {{"id", hold.id},
              {"filters", hold.filters},
              {"reason", hold.reason},
              {"since", format_time(hold.since)},
              {"by", hold.by}};
  if (hold.tenant) out["tenant"] = *hold.tenant;
  return out;
}

void HeldEntries::add(const std::string& hold, std::vector<EntryIndex> entries) {
  holds_.emplace_back(hold, std::move(entries));
}

std::vector<std::string> HeldEntries::of(EntryIndex index) const {
  std::vector<std::string> ids;
  for (const auto& [id, entries] : holds_) {
    if (std::binary_search(entries.begin(), entries.end(), index)) ids.push_back(id);
  }
  return ids;
}

Result<Holds> Holds::load(const Doors& doors) {
  query::Filter filter;
  filter.all.push_back({Field::kind, Op::equals, "", {"system"}});
  filter.all.push_back({Field::resource, Op::equals, "", {std::string(kLegalHold)}});
  DAYBOOK_ASSIGN_OR_RETURN(const auto found, doors.find(filter));
  Holds holds;
  for (const EntryIndex index : found) {
    DAYBOOK_ASSIGN_OR_RETURN(const ledger::StoredEntry entry, doors.reader.read(index));
    DAYBOOK_ASSIGN_OR_RETURN(const record::Event event, record::decode(entry.parts));
    holds.apply(event);
  }
  return holds;
}

void Holds::apply(const record::Event& event) {
  if (event.source != record::Source::system || event.resource != kLegalHold) return;
  Hold hold;
  hold.id = text_of(event.detail, "id");
  if (event.action == kEnded) {
    holds_.erase(hold.id);
  } else if (event.action == kMade) {
    if (event.detail.contains("tenant")) hold.tenant = text_of(event.detail, "tenant");
    hold.filters = text_of(event.detail, "filters");
    hold.reason = event.reason.value_or("");
    hold.since = event.date;
    hold.by = event.actor.user_id.value_or("erased");
    add(std::move(hold));
  }
}

Result<Hold> Holds::parse(const Json& body, UnixMillis now) const {
  if (!body.is_object()) return Error{Errc::invalid, "the body must be a JSON object"};
  for (const auto& [name, value] : body.items()) {
    if ((name != "tenant" && name != "filters" && name != "reason") || !value.is_string()) {
      return Error{Errc::invalid, "known are the texts tenant, filters and reason", "/" + name};
    }
  }
  if (holds_.size() >= kHoldsMax) return Error{Errc::exhausted, "1,000 holds are the most"};
  Hold hold;
  DAYBOOK_ASSIGN_OR_RETURN(hold.reason, parse_reason(body));
  if (body.contains("tenant")) {
    hold.tenant = text_of(body, "tenant");
    if (!record::is_tenant(*hold.tenant)) return Error{Errc::invalid, "no tenant name", "/tenant"};
  }
  hold.filters = text_of(body, "filters");
  DAYBOOK_ASSIGN_OR_RETURN(auto filter, query::parse_fixed_filter(parse_query(hold.filters)));
  if (!filter) {
    return Error{Errc::invalid, "a hold needs fixed times: startDate and endDate", "/filters"};
  }
  if (names_people(*std::move(filter))) {
    return Error{Errc::invalid, "a hold names people by userId only", "/filters"};
  }
  hold.since = now;
  return hold;
}

record::Event Holds::made(const Hold& hold) {
  return hold_event(hold, kMade, hold.reason);
}

record::Event Holds::ended(const Hold& hold, const std::string& reason) {
  return hold_event(hold, kEnded, reason);
}

void Holds::add(Hold hold) {
  auto id = hold.id;
  holds_.insert_or_assign(std::move(id), std::move(hold));
}

const Hold* Holds::find(const std::string& id) const {
  const auto at = holds_.find(id);
  return at == holds_.end() ? nullptr : &at->second;
}

Json Holds::list() const {
  Json out = Json::array();
  for (const auto& [id, hold] : holds_) out.push_back(to_json(hold));
  return out;
}

Result<HeldEntries> Holds::held(const Doors& doors, UnixMillis now) const {
  HeldEntries held;
  for (const auto& [id, hold] : holds_) {
    DAYBOOK_ASSIGN_OR_RETURN(const query::Filter filter,
                             filter_of(parse_query(hold.filters), hold.tenant, now));
    DAYBOOK_ASSIGN_OR_RETURN(auto entries, doors.find(filter));
    held.add(id, std::move(entries));
  }
  return held;
}

}  // namespace daybook::erasure
