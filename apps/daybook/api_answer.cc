// SPDX-License-Identifier: Apache-2.0
#include "api_answer.h"

#include <utility>

#include "http_json.h"

namespace daybook::app {

using record::Json;

namespace {

Result<Json> object_of(const net::Response& answer, const std::vector<Member>& members) {
  if (answer.head.status != 200) return error_of(answer);
  const Error foreign{.code = Errc::unavailable,
                      .context = "what answered there is not a daybook of this version"};
  // Integers as RFC 8785 writes large doubles may occur.
  auto body = record::parse_json(answer.body, {.big_integers = true});
  if (!body || !body->is_object()) return foreign;
  for (const auto& [name, shape] : members) {
    const auto at = body->find(name);
    if (at == body->end()) return foreign;
    if (shape == Shape::array ? !at->is_array() : !at->is_number_unsigned()) return foreign;
  }
  return body;
}

}  // namespace

net::Task<Result<Json>> get_json(Session& session, std::string target,
                                 std::vector<Member> members) {
  net::RequestHead head = session.head("GET", std::move(target));
  const auto answer = co_await session.call(std::move(head), {});
  if (!answer) co_return answer.error();
  co_return object_of(*answer, members);
}

}  // namespace daybook::app
