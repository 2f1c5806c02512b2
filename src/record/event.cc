// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/event.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace daybook::record {
namespace {

// Words in the order of the enumerators.
constexpr std::array<std::string_view, 4> kKinds = {"event", "attempt", "outcome", "system"};
constexpr std::array<std::string_view, 5> kSources = {"gateway", "ingest", "observed", "imported",
                                                      "system"};
constexpr std::array<std::string_view, 5> kActorKinds = {"STANDARD", "SERVICE_ACCOUNT", "SYSTEM",
                                                         "WEBHOOK", "ANONYMOUS"};
constexpr std::array<std::string_view, 4> kResults = {"SUCCESS", "FAILURE", "DENIED", "UNKNOWN"};

// Last path segments of the audit-log API that an id must not shadow.
constexpr std::array<std::string_view, 10> kReservedIds = {
    "search",    "export", "find",     "history", "entries",
    "aggregate", "follow", "evidence", "diff",    "proof"};
constexpr std::size_t kIdBytesMax = 128;
constexpr std::size_t kTenantBytesMax = 63;

template <class Enum, std::size_t kCount>
std::string_view word_of(const std::array<std::string_view, kCount>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t kCount>
Result<Enum> find_word(const std::array<std::string_view, kCount>& words, std::string_view word,
                       const char* what) {
  const auto* const at = std::find(words.begin(), words.end(), word);
  if (at == words.end()) {
    std::string known;
    for (const std::string_view one : words) {
      known += known.empty() ? "" : ", ";
      known += one;
    }
    return Error{Errc::invalid, std::string("unknown ") + what + "; known: " + known};
  }
  return static_cast<Enum>(at - words.begin());
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_id_character(char c) {
  constexpr std::string_view others = "._:~-";
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || others.find(c) != std::string_view::npos;
}

}  // namespace

std::string_view to_string(Kind kind) {
  return word_of(kKinds, kind);
}
std::string_view to_string(Source source) {
  return word_of(kSources, source);
}
std::string_view to_string(ActorKind kind) {
  return word_of(kActorKinds, kind);
}
std::string_view to_string(ResultWord result) {
  return word_of(kResults, result);
}

Result<Kind> parse_kind(std::string_view word) {
  return find_word<Kind>(kKinds, word, "kind");
}
Result<Source> parse_source(std::string_view word) {
  return find_word<Source>(kSources, word, "source");
}
Result<ActorKind> parse_actor_kind(std::string_view word) {
  return find_word<ActorKind>(kActorKinds, word, "actor kind");
}
Result<ResultWord> parse_result(std::string_view word) {
  return find_word<ResultWord>(kResults, word, "result");
}

Actor system_actor() {
  Actor actor;
  actor.user_id = "system";
  actor.submitter = Submitter{"system", "system", std::string(to_string(ActorKind::system)), {}};
  return actor;
}

Event instance_event(std::string_view action, UnixMillis date, Json detail) {
  Event event;
  event.kind = Kind::system;
  event.source = Source::system;
  event.action = action;
  event.resource = "INSTANCE";
  event.date = date;
  event.detail = std::move(detail);
  event.actor_kind = ActorKind::system;
  event.actor = system_actor();
  return event;
}

bool is_reserved_id(std::string_view id) {
  return std::find(kReservedIds.begin(), kReservedIds.end(), id) != kReservedIds.end();
}

bool is_entry_id(std::string_view id) {
  if (id.empty() || id.size() > kIdBytesMax || is_reserved_id(id)) {
    return false;
  }
  return std::all_of(id.begin(), id.end(), is_id_character) &&
         std::any_of(id.begin(), id.end(), [](char c) { return c != '.'; });
}

bool is_tenant(std::string_view tenant) {
  return !tenant.empty() && tenant.size() <= kTenantBytesMax && is_lower_or_digit(tenant.front()) &&
         std::all_of(tenant.begin(), tenant.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '_' || c == '-'; });
}

}  // namespace daybook::record
