// SPDX-License-Identifier: Apache-2.0
#include "evidence_request.h"

#include <utility>

#include "daybook/record/event.h"

#include "json_body.h"
#include "parameters.h"
#include "rows.h"

namespace daybook::api {
namespace {

using record::Json;

constexpr std::uint64_t kIndexMax = (1ULL << 53U) - 1;  // JSON numbers.

// `event`, `event,actor`, `event,change` or all three, in any order.
std::optional<evidence::Shown> parse_disclose(std::string_view text) {
  bool event = false;
  evidence::Shown shown{false, false};
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    bool* const flag = word == "event"    ? &event
                       : word == "actor"  ? &shown.actor
                       : word == "change" ? &shown.change
                                          : nullptr;
    if (flag == nullptr || std::exchange(*flag, true)) return std::nullopt;
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return event ? std::optional(shown) : std::nullopt;
}

Status read_disclose(const std::optional<std::string>& text, EvidenceRequest& out) {
  if (!text) return {};
  const auto shown = parse_disclose(*text);
  if (!shown) {
    return Error{Errc::invalid, "disclose is event, and actor or change or both, with commas"};
  }
  out.shown = *shown;
  return {};
}

Answer<std::optional<std::uint64_t>> number_of_body(const Json& body, const std::string& name) {
  const auto at = body.find(name);
  if (at == body.end()) return std::optional<std::uint64_t>();
  if (!at->is_number_unsigned() || at->get<std::uint64_t>() > kIndexMax) {
    return tl::unexpected(HttpError{422, name + " must be a whole number", "/" + name});
  }
  return std::optional(at->get<std::uint64_t>());
}

std::optional<HttpError> read_numbers(const Json& body, EvidenceRequest& out) {
  for (const auto& [name, into] : {std::pair{"from", &out.from},
                                   {"to", &out.to},
                                   {"treeSize", &out.tree_size},
                                   {"since", &out.since}}) {
    const auto number = number_of_body(body, name);
    if (!number) return number.error();
    *into = *number;
  }
  if (out.since == 0U) return HttpError{422, "since is a size from 1 on", "/since"};
  return std::nullopt;
}

std::optional<HttpError> read_filters(const Json& body, EvidenceRequest& out) {
  const auto filters = string_member(body, "filters", Presence::optional);
  if (!filters) return filters.error();
  out.filters = filters->value_or("");
  Result<query::Filter> filter = evidence::parse_filters(out.filters);
  if (!filter) {
    return HttpError{422, "filters: " + filter.error().path + ": " + filter.error().context,
                     "/filters"};
  }
  out.filter = *std::move(filter);
  return std::nullopt;
}

std::optional<HttpError> read_words(const Json& body, EvidenceRequest& out) {
  if (const auto at = body.find("complete"); at != body.end()) {
    if (!at->is_boolean()) return HttpError{422, "complete must be true or false", "/complete"};
    out.complete = at->get<bool>();
  }
  const auto format = string_member(body, "format", Presence::optional);
  if (!format) return format.error();
  const std::string word = format->value_or("json");
  if (word != "json" && word != "html") {
    return HttpError{422, "format is one of json, html", "/format"};
  }
  out.html = word == "html";
  const auto disclose = string_member(body, "disclose", Presence::optional);
  if (!disclose) return disclose.error();
  if (const Status read = read_disclose(*disclose, out); !read) {
    return HttpError{422, read.error().context, "/disclose"};
  }
  return std::nullopt;
}

Answer<EvidenceRequest> request_of(const Json& sent) {
  const auto known = known_members(
      sent, {"filters", "complete", "from", "to", "treeSize", "since", "disclose", "format"},
      Quote::yes);
  if (!known) return tl::unexpected(known.error());
  const Json& body = *known;
  EvidenceRequest out;
  for (const auto& read : {read_filters, read_words, read_numbers}) {
    if (auto refused = read(body, out)) return tl::unexpected(*std::move(refused));
  }
  return out;
}

}  // namespace

Answer<EvidenceRequest> evidence_of_path(const Call& call) {
  const auto params = Parameters::read(call.params, {"format", "treeSize", "since", "disclose"});
  if (!params) return tl::unexpected(params.error());
  EvidenceRequest out;
  const auto format = params->word("format", {"json", "html"});
  if (!format) return tl::unexpected(format.error());
  out.html = *format == "html";
  const auto size = params->number("treeSize", 0, kIndexMax);
  if (!size) return tl::unexpected(size.error());
  out.tree_size = *size;
  const auto since = params->number("since", 1, kIndexMax);
  if (!since) return tl::unexpected(since.error());
  out.since = *since;
  if (const Status read = read_disclose(params->text("disclose"), out); !read) {
    return tl::unexpected(HttpError{422, read.error().context, "disclose"});
  }
  const auto entry = entry_of_path(call);
  if (!entry) return tl::unexpected(entry.error());
  out.filters = "id=" + call.match.id;
  const Result<record::Event> event = record::decode(entry->parts);
  if (event && event->kind != record::Kind::event && event->kind != record::Kind::outcome) {
    out.filters += "&kind=" + std::string(record::to_string(event->kind));
  }
  out.from = entry->index.value();
  out.to = entry->index.value() + 1;
  return out;
}

net::Task<Answer<EvidenceRequest>> evidence_of_body(Call& call) {
  const auto params = Parameters::read(call.params, {});
  if (!params) co_return tl::unexpected(params.error());
  const Answer<Json> body = co_await read_json_body(call);
  if (!body) co_return tl::unexpected(body.error());
  co_return request_of(*body);
}

}  // namespace daybook::api
