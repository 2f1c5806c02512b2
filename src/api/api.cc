// SPDX-License-Identifier: Apache-2.0
#include "daybook/api/api.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daybook/core/percent.h"

#include "gate.h"
#include "operations.h"

namespace daybook::api {
namespace {

// Operations that only compute.
using Compute = Answer<net::Response> (*)(Call&);
Compute compute_of(Operation operation) {
  switch (operation) {
    case Operation::root:
      return &redirect_to_ui;
    case Operation::health:
      return &health;
    case Operation::ready:
      return &ready;
    case Operation::metrics:
      return &metrics;
    case Operation::openapi:
      return &openapi;
    case Operation::ui:
      return &ui;
    case Operation::logout:
      return &logout;
    case Operation::me:
      return &me;
    case Operation::search:
      return &search;
    case Operation::aggregate:
      return &aggregate;
    case Operation::history:
      return &history;
    case Operation::entry:
      return &entry;
    case Operation::diff:
      return &diff;
    case Operation::checkpoint:
      return &checkpoint;
    case Operation::key:
      return &key;
    case Operation::key_rotations:
      return &key_rotations;
    case Operation::consistency:
      return &consistency;
    case Operation::tile:
      return &tile;
    default:
      return nullptr;
  }
}

// Operations that wait for something or stream.
using Waiting = net::Task<void> (*)(Call&);
Waiting waiting_of(Operation operation) {
  switch (operation) {
    case Operation::login:
      return &answer_login;
    case Operation::create_user:
      return &answer_create_user;
    case Operation::create_service_account:
      return &answer_create_service_account;
    case Operation::create_token:
      return &answer_create_token;
    case Operation::redact:
      return &answer_redact;
    case Operation::redactions:
      return &answer_redactions;
    case Operation::approve_redaction:
      return &answer_approve_redaction;
    case Operation::withdraw_redaction:
      return &answer_withdraw_redaction;
    case Operation::retention:
      return &answer_retention;
    case Operation::run_retention:
      return &answer_run_retention;
    case Operation::holds:
      return &answer_holds;
    case Operation::add_hold:
      return &answer_add_hold;
    case Operation::remove_hold:
      return &answer_remove_hold;
    case Operation::rotate_key:
      return &answer_rotate_key;
    case Operation::export_:
      return &answer_export;
    case Operation::find:
      return &answer_find;
    case Operation::follow:
      return &answer_follow;
    case Operation::proof:
      return &answer_proof;
    case Operation::entries:
      return &answer_entries;
    case Operation::evidence:
      return &answer_evidence;
    case Operation::evidence_set:
      return &answer_evidence_set;
    default:
      return nullptr;
  }
}

net::Task<void> run(Call& call, Operation operation) {
  if (const Compute compute = compute_of(operation)) {
    Answer<net::Response> answer = compute(call);
    co_await reply(call, std::move(answer));
  } else if (const Waiting waiting = waiting_of(operation)) {
    co_await waiting(call);
  } else if (operation == Operation::ingest) {
    co_await call.services.parts.ingest.handle(call.exchange, *call.who, call.match.tenant);
  }
}

// Ingest says with its refusals how much was taken, also with one that comes before its body.
std::string_view refused_events(const Call& call, unsigned status) {
  const bool ingest =
      call.match.route != nullptr && call.match.route->operation == Operation::ingest;
  return ingest && status == 422 ? R"("count":0,"created":0,"line":1)" : "";
}

net::Task<void> refuse(Call& call, HttpError error) {
  Answer<net::Response> answer = tl::unexpected(std::move(error));
  co_await reply(call, std::move(answer));
}

class HttpApi final : public Api {
 public:
  explicit HttpApi(Parts parts)
      : services_{parts, {}, {parts.search, parts.follow.followers_max}, {}} {}

  void end_streams() override { services_.followers.close(); }

  net::Task<void> handle(net::Exchange& exchange, std::string prefix) override {
    const net::RequestHead& head = exchange.head();
    std::string path(head.path());
    if (path.starts_with(prefix)) {
      path.erase(0, prefix.size());
    }
    if (path.empty() && !prefix.empty()) {
      path.push_back('/');
    }
    Match match = match_route(head.method, path);
    Call call{services_,       exchange,         std::move(prefix),
              std::move(path), std::move(match), parse_query(head.query())};
    if (call.match.route == nullptr) {
      HttpError error{call.match.known_path ? 405U : 404U,
                      call.match.known_path ? "method not allowed" : "not found"};
      co_await refuse(call, std::move(error));
      co_return;
    }
    std::optional<HttpError> refused = co_await admit(call);
    if (refused) {
      co_await refuse(call, *std::move(refused));
      co_return;
    }
    co_await run(call, call.match.route->operation);
  }

 private:
  Services services_;
};

}  // namespace

net::Task<void> reply(Call& call, Answer<net::Response> answer) {
  net::Response response;
  if (answer) {
    response = *std::move(answer);
  } else {
    const std::string_view more = refused_events(call, answer.error().status);
    response = error_response(answer.error(), call.exchange.head().path(), more);
    if (response.head.status == 401) {
      response.head.headers.add("WWW-Authenticate", std::string(challenge_of(call.exchange)));
    }
    if (response.head.status == 405) {
      response.head.headers.add("Allow", call.match.allow);
    }
  }
  if (!response.head.headers.contains("Cache-Control")) {
    response.head.headers.add("Cache-Control", "no-store");
  }
  // Whether the peer was still there does not matter: everything to be recorded was handed over.
  const Status sent = co_await call.exchange.respond(std::move(response));
  static_cast<void>(sent);
}

std::unique_ptr<Api> Api::make(Parts parts) {
  return std::make_unique<HttpApi>(parts);
}

std::optional<std::string> Api::claims(std::string_view path) {
  constexpr std::string_view own = "/daybook";
  constexpr std::string_view api = "/api/v1/";
  constexpr std::string_view logs = "auditlogs";
  if (path == own || (path.starts_with(own) && path[own.size()] == '/')) {
    return std::string(own);
  }
  if (!path.starts_with(api)) {
    return std::nullopt;
  }
  path.remove_prefix(api.size());
  const auto is_logs = [&](std::string_view rest) {
    return rest.substr(0, rest.find('/')) == logs;
  };
  const std::size_t slash = path.find('/');
  const bool below_tenant = slash != std::string_view::npos && is_logs(path.substr(slash + 1));
  return is_logs(path) || below_tenant ? std::optional(std::string()) : std::nullopt;
}

}  // namespace daybook::api
