// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/gateway.h"

#include <algorithm>
#include <utility>

#include "daybook/core/bytes.h"

#include "caller.h"
#include "error_answer.h"
#include "gateway_events.h"
#include "gateway_shared.h"
#include "passage.h"
#include "sign_in_page.h"

namespace daybook::capture {
namespace {

std::optional<std::string> basic_authorization(const GatewayOptions& options) {
  if (!options.upstream_username || !options.upstream_password) {
    return std::nullopt;
  }
  const std::string pair = *options.upstream_username + ":" + *options.upstream_password;
  return "Basic " + to_base64(as_bytes(pair));
}

std::unique_ptr<net::Client> own_client(const GatewayOptions& options,
                                        const net::Client& upstream) {
  net::ClientOptions client;
  client.connect_timeout = std::min(client.connect_timeout, options.own_request_timeout);
  client.tls = options.upstream_tls;
  return net::Client::make(upstream.base(), client);
}

class ReverseProxy final : public Gateway {
 public:
  ReverseProxy(GatewayOptions options, Recorder& recorder, access::Authenticator& authenticator,
               const RuleBook& rules, net::Client& upstream, Metrics& metrics)
      : shared_{options,
                recorder,
                authenticator,
                rules,
                upstream,
                own_client(options, upstream),
                basic_authorization(options),
                GatewayMetrics(metrics)} {}

  net::Task<void> handle(net::Exchange& exchange) override {
    const UnixMillis date = shared_.recorder.clock().now();
    const net::RequestHead& head = exchange.head();
    if (head.method == "CONNECT" || head.method == "TRACE") {
      // A tunnel could not be recorded, and TRACE would show Kestra's credential to the client.
      net::Response answer =
          error_answer(405, head.method + " does not pass the gateway", "", head.path());
      answer.head.headers.add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
      co_await refuse(exchange, std::move(answer));
      co_return;
    }
    if (claims(head.path())) {
      co_await answer_sign_in(shared_, exchange);
      co_return;
    }
    std::shared_ptr<const kestra::Rules> rules = shared_.rules.now();
    kestra::Classification what = rules->classify({head.method, head.path(), head.query()});
    if (!what.known) {
      shared_.metrics.unclassified.add();
    }
    Admission admission = co_await admit(shared_, head, exchange.remote_address(), what);
    if (!admission.events.empty()) {
      // Whether or not it could be stored, the sign-in has failed.
      [[maybe_unused]] const auto stored =
          co_await shared_.recorder.record(std::move(admission.events));
    }
    if (admission.refusal) {
      if (admission.denied) {
        RequestFacts facts = facts_of(head, date, *std::move(admission.caller), std::move(what));
        co_await record_denied(std::move(facts), 403, std::move(admission.why));
      }
      co_await refuse(exchange, *std::move(admission.refusal));
      co_return;
    }
    RequestFacts facts = facts_of(head, date, *std::move(admission.caller), std::move(what));
    if (facts.what.reason_required && !facts.reason) {
      co_await demand_reason(exchange, std::move(facts));
      co_return;
    }
    Passage passage(shared_, exchange, std::move(rules), std::move(facts));
    co_await passage.run();
  }

 private:
  // The rule of this request demands to know why.
  net::Task<void> demand_reason(net::Exchange& exchange, RequestFacts facts) {
    std::string why =
        "a reason is needed: header X-Daybook-Reason or query parameter daybookReason";
    net::Response answer = error_answer(428, why, "", exchange.head().path());
    answer.head.headers.add("X-Daybook-Executed", "false");
    co_await record_denied(std::move(facts), 428, std::move(why));
    co_await refuse(exchange, std::move(answer));
  }

  net::Task<void> record_denied(RequestFacts facts, unsigned status, std::string why) {
    std::vector<record::Event> events;
    events.push_back(denied_event(facts, status, std::move(why)));
    // The refusal stands even if it cannot be stored; the ledger diagnoses itself.
    [[maybe_unused]] const auto stored = co_await shared_.recorder.record(std::move(events));
  }

  net::Task<void> refuse(net::Exchange& exchange, net::Response answer) {
    shared_.metrics.refused.add();
    [[maybe_unused]] const Status sent = co_await exchange.respond(std::move(answer));
  }

  GatewayShared shared_;
};

}  // namespace

GatewayMetrics::GatewayMetrics(Metrics& metrics) {
  const auto ended = [&metrics](const char* how) {
    return metrics.counter("daybook_gateway_requests_total", "Requests through the gateway by end",
                           {{"end", how}});
  };
  passed = ended("passed");
  refused = ended("refused");
  unreachable = ended("unreachable");
  lost = ended("lost");
  unrecorded = ended("unrecorded");
  client_gone = ended("client_gone");
  unclassified =
      metrics.counter("daybook_gateway_unclassified_total", "Requests that no rule names");
  constexpr double smallest_seconds = 0.0001;
  added_seconds = metrics.histogram(
      "daybook_gateway_added_seconds",
      "What the gateway adds before and after the upstream's own time", smallest_seconds);
}

bool Gateway::claims(std::string_view path) {
  return path == kSignInPath || path == kSignOutPath;
}

std::unique_ptr<Gateway> Gateway::make(GatewayOptions options, Recorder& recorder,
                                       access::Authenticator& authenticator, const RuleBook& rules,
                                       net::Client& upstream, Metrics& metrics) {
  return std::make_unique<ReverseProxy>(std::move(options), recorder, authenticator, rules,
                                        upstream, metrics);
}

}  // namespace daybook::capture
