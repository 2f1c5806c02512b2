// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daybook/erasure/redactor.h"

#include "json_body.h"
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

// Runs the job on the eraser's thread; absent if its queue is full.
net::Task<std::optional<Result<Json>>> run(Call& call, Job job) {
  auto slot = std::make_shared<std::optional<Result<Json>>>();
  auto by = std::make_shared<By>(by_of(call));
  auto work = std::make_shared<Job>(std::move(job));
  const std::function<void(std::function<void()>)> start = [&call, slot, by,
                                                            work](std::function<void()> resume) {
    const auto task = [&call, slot, by, work, resume] {
      *slot = (*work)(call.services.parts.redactor, *by);
      resume();
    };
    if (!call.services.eraser.try_run(task)) {
      resume();
    }
  };
  co_await net::await_callback(start);
  co_return std::move(*slot);
}

net::Task<void> answer_with(Call& call, Job job, unsigned status) {
  auto done = co_await run(call, std::move(job));
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

std::string parameter(const Call& call, std::string_view name) {
  for (const auto& [key, value] : call.params) {
    if (key == name) {
      return value;
    }
  }
  return {};
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
  Job job = [id = call.match.id, reason = parameter(call, "reason")](erasure::Redactor& redactor,
                                                                     const By& by) {
    return redactor.remove_hold(id, reason, by);
  };
  co_await answer_with(call, std::move(job), 200);
}

}  // namespace daybook::api
