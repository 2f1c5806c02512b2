// SPDX-License-Identifier: Apache-2.0
#include "selection.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/core/utf8.h"
#include "daybook/record/event.h"
#include "daybook/record/parts.h"

namespace daybook::erasure {

namespace {

using query::Field;
using record::Json;

constexpr std::array<std::string_view, 9> kMembers{
    "tenant", "id", "index", "person", "filters", "parts", "everywhere", "reason", "dryRun"};
constexpr std::size_t kValuesMax = 16;
constexpr std::size_t kValueBytesMin = 2;  // A shorter one would be found everywhere.
constexpr std::size_t kValueBytesMax = 512;
constexpr std::size_t kFiltersBytesMax = 8192;

Error refused(std::string text, std::string path) {
  return Error{Errc::invalid, std::move(text), std::move(path)};
}

Result<std::optional<std::string>> text_member(const Json& body, const std::string& name,
                                               std::size_t bytes_max) {
  const auto at = body.find(name);
  if (at == body.end() || at->is_null()) return std::optional<std::string>();
  if (!at->is_string()) return refused(name + " must be a string", "/" + name);
  auto text = at->get<std::string>();
  if (text.size() > bytes_max) return refused(name + " is too long", "/" + name);
  return std::optional(std::move(text));
}

Result<std::vector<std::string>> person_member(const Json& body) {
  std::vector<std::string> values;
  const auto at = body.find("person");
  if (at == body.end() || at->is_null()) return values;
  const bool is_list = at->is_array() && !at->empty() && at->size() <= kValuesMax;
  if (!is_list) return refused("person must be a list of 1 to 16 values", "/person");
  for (const Json& value : *at) {
    if (!value.is_string() || value.get_ref<const std::string&>().size() < kValueBytesMin ||
        value.get_ref<const std::string&>().size() > kValueBytesMax) {
      return refused("a value of person has 2 to 512 bytes", "/person");
    }
    values.push_back(value.get<std::string>());
  }
  return values;
}

Result<std::optional<EntryIndex>> index_member(const Json& body) {
  const auto at = body.find("index");
  if (at == body.end() || at->is_null()) return std::optional<EntryIndex>();
  if (!at->is_number_integer() || at->get<std::int64_t>() < 0) {
    return refused("index must be a number from 0 on", "/index");
  }
  return std::optional(EntryIndex(at->get<std::uint64_t>()));
}

}  // namespace

Result<bool> flag_member(const Json& body, const std::string& name) {
  const auto at = body.find(name);
  if (at == body.end() || at->is_null()) return false;
  if (!at->is_boolean()) return refused(name + " must be true or false", "/" + name);
  return at->get<bool>();
}

Result<std::uint8_t> parse_parts(const Json& names) {
  unsigned parts = 0;
  for (const Json& name : names.is_array() ? names : Json::array()) {
    const auto part =
        name.is_string() ? record::parse_part(name.get_ref<const std::string&>()) : std::nullopt;
    if (!part) return refused("parts are event, actor, change", "/parts");
    parts |= record::bit_of(*part);
  }
  if (parts == 0) return refused("parts must list some of event, actor, change", "/parts");
  return static_cast<std::uint8_t>(parts);
}

Json part_names(std::uint8_t parts) {
  Json names = Json::array();
  for (const auto& [name, part] : record::kParts) {
    if ((parts & record::bit_of(part)) != 0) names.push_back(name);
  }
  return names;
}

Result<Selection> parse_selection(const Json& body) {
  if (!body.is_object()) return refused("the body must be a JSON object", "");
  for (const auto& [name, value] : body.items()) {
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) {
      return refused("unknown key " + name, "/" + name);
    }
  }
  Selection out;
  DAYBOOK_ASSIGN_OR_RETURN(out.tenant, text_member(body, "tenant", kValueBytesMax));
  DAYBOOK_ASSIGN_OR_RETURN(out.id, text_member(body, "id", kValueBytesMax));
  DAYBOOK_ASSIGN_OR_RETURN(out.index, index_member(body));
  DAYBOOK_ASSIGN_OR_RETURN(out.person, person_member(body));
  DAYBOOK_ASSIGN_OR_RETURN(out.filters, text_member(body, "filters", kFiltersBytesMax));
  DAYBOOK_ASSIGN_OR_RETURN(out.everywhere, flag_member(body, "everywhere"));
  const bool is_person = !out.person.empty();
  const int chosen =
      (out.id ? 1 : 0) + (out.index ? 1 : 0) + (out.filters ? 1 : 0) + (is_person ? 1 : 0);
  if (chosen != 1) return refused("exactly one of id, index, person and filters", "");
  if (out.tenant && !record::is_tenant(*out.tenant)) {
    return refused("a tenant matches [a-z0-9][a-z0-9_-]{0,62}", "/tenant");
  }
  if (out.filters && out.filters->empty() && !out.tenant) {
    return refused("filters or a tenant: everything at once is not redacted", "/filters");
  }
  if (is_person) {
    if (body.contains("parts")) return refused("of a person the actor parts go", "/parts");
    out.parts = record::bit_of(record::Part::actor);
    return out;
  }
  if (out.everywhere) return refused("everywhere is for a person", "/everywhere");
  DAYBOOK_ASSIGN_OR_RETURN(out.parts, parse_parts(body.value("parts", Json())));
  return out;
}

Json to_json(const Selection& selection) {
  Json out = Json::object();
  if (selection.tenant) out["tenant"] = *selection.tenant;
  if (selection.id) out["id"] = *selection.id;
  if (selection.index) out["index"] = selection.index->value();
  if (selection.filters) out["filters"] = *selection.filters;
  if (selection.person.empty()) {
    out["parts"] = part_names(selection.parts);
  } else {
    out["person"] = selection.person;
    out["everywhere"] = selection.everywhere;
  }
  return out;
}

Result<std::string> parse_reason(const Json& body) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto reason, text_member(body, "reason", kReasonBytesMax));
  if (!reason || reason->empty() || !is_utf8(*reason) || has_control(*reason)) {
    return refused("reason: 1 to 1,024 bytes without control characters", "/reason");
  }
  return *reason;
}

Result<query::Filter> filter_of(const query::Params& filters,
                                const std::optional<std::string>& tenant, UnixMillis now) {
  DAYBOOK_ASSIGN_OR_RETURN(query::Filter filter, query::parse_filter(filters, now));
  if (!query::names_kind(filter)) {
    filter.all.push_back(
        {Field::kind, query::Op::in, "", {"event", "attempt", "outcome", "system"}});
  }
  if (tenant) filter.bounds.push_back({Field::tenant_id, query::Op::equals, "", {*tenant}});
  return filter;
}

}  // namespace daybook::erasure
