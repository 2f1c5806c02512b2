// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/erasure/redactor.h"

#include "json_body.h"
#include "on_worker.h"
#include "operations.h"
#include "read_events.h"

namespace daybook::api {
namespace {

using erasure::By;
using record::Json;

using Job = std::function<Result<Json>(erasure::Redactor&, const By&)>;

By by_of(const Call& call) {
  return {call.who->id, actor_of(call), actor_kind_of(call)};
}

net::Task<void> answer_with(Call& call, Job job, unsigned status) {
  std::function<Result<Json>()> work = [&call, by = by_of(call), job = std::move(job)] {
    return job(call.services.parts.redactor, by);
  };
  auto done = co_await on_worker<Result<Json>>(call.services.eraser, std::move(work));
  Answer<net::Response> answer = tl::unexpected(HttpError{});
  if (!done) {
    answer = tl::unexpected(HttpError{429, "too many redactions are waiting", {}, 10});
  } else if (!*done) {
    answer = tl::unexpected(http_error(done->error()));
  } else {
    const bool waits = (*done)->value("status", "") == "waiting";
    answer = json_response(waits ? 202 : status, **done);
  }
  co_await reply(call, std::move(answer));
}

// With a body, which `job` gets besides.
using BodyJob = std::function<Result<Json>(erasure::Redactor&, const Json&, const By&)>;
net::Task<void> answer_body(Call& call, BodyJob job, unsigned status) {
  auto body = co_await read_json_body(call);
  if (!body) {
    Answer<net::Response> refused = tl::unexpected(body.error());
    co_await reply(call, std::move(refused));
    co_return;
  }
  Job bound = [job, sent = *std::move(body)](erasure::Redactor& redactor, const By& by) {
    return job(redactor, sent, by);
  };
  co_await answer_with(call, std::move(bound), status);
}

}  // namespace

net::Task<void> answer_redact(Call& call) {
  BodyJob job = [](erasure::Redactor& redactor, const Json& body, const By& by) {
    return redactor.redact(body, by);
  };
  co_await answer_body(call, std::move(job), 200);
}

net::Task<void> answer_redactions(Call& call) {
  Job job = [](erasure::Redactor& redactor, const By&) { return redactor.requests(); };
  co_await answer_with(call, std::move(job), 200);
}

net::Task<void> answer_approve_redaction(Call& call) {
  Job job = [id = call.match.id](erasure::Redactor& redactor, const By& by) {
    return redactor.approve(id, by);
  };
  co_await answer_with(call, std::move(job), 200);
}

net::Task<void> answer_withdraw_redaction(Call& call) {
  Job job = [id = call.match.id](erasure::Redactor& redactor, const By& by) {
    return redactor.withdraw(id, by);
  };
  co_await answer_with(call, std::move(job), 200);
}

net::Task<void> answer_retention(Call& call) {
  Job job = [](erasure::Redactor& redactor, const By&) { return redactor.policies(); };
  co_await answer_with(call, std::move(job), 200);
}

net::Task<void> answer_run_retention(Call& call) {
  BodyJob job = [](erasure::Redactor& redactor, const Json& sent, const By& by) -> Result<Json> {
    const auto body = known_members(sent, {"dryRun"}, Quote::yes);
    if (!body) {
      return Error{Errc::invalid, body.error().message, body.error().path};
    }
    const auto dry = body->find("dryRun");
    if (dry != body->end() && !dry->is_boolean()) {
      return Error{Errc::invalid, "dryRun must be true or false", "/dryRun"};
    }
    return redactor.run_retention(dry != body->end() && dry->get<bool>(), by);
  };
  co_await answer_body(call, std::move(job), 200);
}

net::Task<void> answer_holds(Call& call) {
  Job job = [](erasure::Redactor& redactor, const By&) { return redactor.holds(); };
  co_await answer_with(call, std::move(job), 200);
}

net::Task<void> answer_add_hold(Call& call) {
  BodyJob job = [](erasure::Redactor& redactor, const Json& body, const By& by) {
    return redactor.add_hold(body, by);
  };
  co_await answer_body(call, std::move(job), 201);
}

net::Task<void> answer_remove_hold(Call& call) {
  Job job = [id = call.match.id, reason = first_value(call.params, "reason")](
                erasure::Redactor& redactor, const By& by) {
    return redactor.remove_hold(id, reason, by);
  };
  co_await answer_with(call, std::move(job), 200);
}

}  // namespace daybook::api
