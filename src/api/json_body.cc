// SPDX-License-Identifier: Apache-2.0
#include "json_body.h"

#include <algorithm>
#include <utility>

namespace daybook::api {
namespace {

using record::Json;

constexpr std::uint64_t kBodyMax = 64 * 1024;

Answer<Json> parse_object(const std::string& body) {
  Result<Json> value = record::parse_json(body);
  if (!value) {
    return tl::unexpected(http_error(value.error()));
  }
  if (!value->is_object()) {
    return tl::unexpected(HttpError{422, "the body must be a JSON object"});
  }
  return *std::move(value);
}

HttpError unreadable(const Error& error) {
  if (error.code == Errc::exhausted) {
    return {413, "the body may have at most " + std::to_string(kBodyMax) + " bytes"};
  }
  return {error.code == Errc::timeout ? 408U : 400U, "the body could not be read"};
}

}  // namespace

net::Task<Answer<Json>> read_json_body(Call& call) {
  if (!net::media_type(call.exchange.head().headers).is_utf8_of("application/json")) {
    HttpError error{415, "the body must be application/json in UTF-8"};
    co_return tl::unexpected(std::move(error));
  }
  const Result<std::string> body = co_await call.exchange.read_all(kBodyMax);
  if (!body) {
    call.exchange.close_after();
    co_return tl::unexpected(unreadable(body.error()));
  }
  co_return parse_object(*body);
}

Answer<Json> known_members(const Json& body, std::initializer_list<std::string_view> known,
                           Quote quote) {
  for (const auto& [name, value] : body.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      continue;
    }
    std::string list;
    for (const std::string_view one : known) {
      list += list.empty() ? "" : ", ";
      list += one;
    }
    if (quote == Quote::no) {
      return tl::unexpected(HttpError{422, "unknown key; known: " + list});
    }
    return tl::unexpected(HttpError{422, "unknown key " + name + "; known: " + list, "/" + name});
  }
  return record::without_nulls(body);
}

Answer<std::optional<std::string>> string_member(const Json& body, const std::string& name,
                                                 Presence presence) {
  const auto at = body.find(name);
  if (at == body.end()) {
    if (presence == Presence::required) {
      return tl::unexpected(HttpError{422, name + " is required", "/" + name});
    }
    return std::optional<std::string>();
  }
  if (!at->is_string()) {
    return tl::unexpected(HttpError{422, name + " must be a string", "/" + name});
  }
  return std::optional(at->get<std::string>());
}

}  // namespace daybook::api
