// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include "daybook/query/values.h"

#include "json_body.h"
#include "operations.h"
#include "parameters.h"
#include "read_events.h"
#include "rows.h"
#include "search_operations.h"

namespace daybook::api {
namespace {

using query::Clause;
using query::Field;
using query::Op;
using record::Json;

constexpr std::uint64_t kFoundMax = 10;
constexpr std::uint64_t kHistoryMax = 1000;

// The search that a body of `find` describes. `permission` is an older name of `resource`.
Answer<query::Search> find_search(const Call& call, const Json& sent) {
  const auto known = known_members(sent, {"resource", "permission", "type", "detail"}, Quote::yes);
  if (!known) {
    return tl::unexpected(known.error());
  }
  const Json& body = *known;
  query::Search search;
  search.size = kFoundMax;
  const std::pair<const char*, Field> texts[] = {
      {"resource", Field::resource}, {"permission", Field::resource}, {"type", Field::action}};
  for (const auto& [name, field] : texts) {
    const auto value = string_member(body, name, Presence::optional);
    if (!value) {
      return tl::unexpected(value.error());
    }
    if (*value) {
      search.filter.all.push_back(Clause{field, Op::equals, "", {**value}});
    }
  }
  if (const auto detail = body.find("detail"); detail != body.end()) {
    if (!detail->is_object()) {
      return tl::unexpected(HttpError{422, "detail must be an object", "/detail"});
    }
    for (const auto& [name, value] : detail->items()) {
      search.filter.all.push_back(
          Clause{Field::detail, Op::equals, name, {query::detail_text(value)}});
    }
  }
  bound_filter(call, search.filter);
  return search;
}

// All four members, because clients in the field expect one entry or a page (kestra API 4.3).
Answer<Json> find_json(const Call& call, const query::Search& search) {
  const Result<search::Page> page = call.services.parts.search.search(search);
  if (!page) {
    return tl::unexpected(search_error(page.error()));
  }
  const RowReader rows(call.services.reader());
  Json out = Json::object();
  Json results = Json::array();
  for (const EntryIndex index : page->entries) {
    Result<Json> row = rows.row(index, false);
    if (!row) {
      return tl::unexpected(http_error(row.error()));
    }
    if (results.empty()) {
      out = *row;
    }
    results.push_back(*std::move(row));
  }
  out["results"] = std::move(results);
  out["total"] = page->total;
  return out;
}

Answer<net::Response> find_response(const Call& call, const Answer<Json>& body) {
  if (!body) {
    return tl::unexpected(body.error());
  }
  const Answer<query::Search> search = find_search(call, *body);
  if (!search) {
    return tl::unexpected(search.error());
  }
  const Answer<Json> found = find_json(call, *search);
  if (!found) {
    return tl::unexpected(found.error());
  }
  record_read(call, "find", {{"total", found->at("total")}});
  return json_response(200, *found);
}

// What the gateway keeps of a flow or template is the document with its source in it; people write
// and compare the source.
bool is_known_by_source(const record::Event& event, const Json& state) {
  if (event.source != record::Source::gateway ||
      (event.resource != "FLOW" && event.resource != "TEMPLATE") || !state.is_object()) {
    return false;
  }
  const auto source = state.find("source");
  return source != state.end() && source->is_string();
}

// A state as text: a string as it was stored, else canonical JSON.
void set_state(Json& out, const char* name, const record::Event& event,
               const std::optional<Json>& state) {
  if (!state) {
    return;
  }
  out[name] = is_known_by_source(event, *state) ? state->at("source").get<std::string>()
                                                : query::detail_text(*state);
}

}  // namespace

net::Task<void> answer_find(Call& call) {
  const Answer<Json> body = co_await read_json_body(call);
  Answer<net::Response> answer = find_response(call, body);
  co_await reply(call, std::move(answer));
}

Answer<net::Response> history(Call& call) {
  if (const auto params = Parameters::read(call.params, {}); !params) {
    return tl::unexpected(params.error());
  }
  query::Search search;
  search.size = kHistoryMax;
  search.filter.all.push_back(Clause{Field::detail, Op::equals, "id", {call.match.id}});
  bound_filter(call, search.filter);
  const Result<search::Page> page = call.services.parts.search.search(search);
  if (!page) {
    return tl::unexpected(search_error(page.error()));
  }
  const RowReader rows(call.services.reader());
  Json out = Json::array();
  for (const EntryIndex index : page->entries) {
    const Result<ShownEntry> entry = rows.read(index);
    if (!entry) {
      return tl::unexpected(http_error(entry.error()));
    }
    Json line = {{"id", entry->event.id}, {"date", format_time(entry->event.date)}};
    if (const auto username = record::shown_username(entry->event)) {
      line["username"] = *username;
    }
    out.push_back(std::move(line));
  }
  record_read(call, "history", {{"resourceId", call.match.id}, {"total", page->total}});
  return json_response(200, out);
}

Answer<net::Response> diff(Call& call) {
  const auto params = Parameters::read(call.params, {"previousId"});
  if (!params) {
    return tl::unexpected(params.error());
  }
  const auto previous_id = params->text("previousId");
  if (previous_id && previous_id->empty()) {
    return tl::unexpected(HttpError{422, "previousId is the id of an entry", "previousId"});
  }
  const auto stored = entry_of_path(call);
  if (!stored) {
    return tl::unexpected(stored.error());
  }
  const Result<record::Event> event = record::decode(stored->parts);
  if (!event) {
    return tl::unexpected(http_error(event.error()));
  }
  Json out = Json::object();
  set_state(out, "after", *event, event->change.after);
  if (previous_id) {
    Call other = call;
    other.match.id = *previous_id;
    const auto previous = entry_of_path(other);
    if (!previous) {
      return tl::unexpected(previous.error());
    }
    const Result<record::Event> earlier = record::decode(previous->parts);
    if (!earlier) {
      return tl::unexpected(http_error(earlier.error()));
    }
    set_state(out, "before", *earlier, earlier->change.after);
  } else {
    set_state(out, "before", *event, event->change.before);
  }
  record_read(call, "diff", {{"entryId", call.match.id}});
  return json_response(200, out);
}

}  // namespace daybook::api
