// SPDX-License-Identifier: Apache-2.0
#include "standin.h"

#include <array>
#include <ctime>
#include <string_view>

#include "daybook/core/bytes.h"
#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/core/utf8.h"
#include "daybook/net/server.h"

#include "model.h"

namespace daybook::demo {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kBodyMax = 32ULL << 20U;
constexpr milliseconds kFollowStep{100};
constexpr milliseconds kFollowUnknown{10'000};  // Kestra waits so long before it says 404.

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

net::Response to_response(Answer answer, bool location) {
  net::Response response;
  response.head.status = answer.status;
  response.head.reason = std::move(answer.reason);
  if (location) {
    response.head.headers.add("location", "/ui/");
  }
  response.head.headers.add("date", http_date());
  if (!answer.content_type.empty()) {
    response.head.headers.add("content-type", std::move(answer.content_type));
  }
  if (answer.status != 204) {
    response.head.headers.add("content-length", std::to_string(answer.body.size()));
  }
  response.body = std::move(answer.body);
  return response;
}

bool needs_no_login(std::string_view path) {
  return path == "/ping" || path.starts_with("/api/v1/executions/webhook/") ||
         path.starts_with("/api/v1/main/executions/webhook/");
}

// What the handlers work on; kept by the server as long as a connection lives.
class Desk {
 public:
  explicit Desk(const Standin::Options& options) : model_(system_clock(), system_random()) {
    if (options.username && options.password) {
      credential_ = to_base64(as_bytes(*options.username + ":" + *options.password));
    }
  }

  net::Task<void> serve(net::Exchange& exchange);

 private:
  [[nodiscard]] bool admits(const net::RequestHead& head) const {
    if (credential_.empty() || needs_no_login(head.path())) {
      return true;
    }
    const std::string_view given = head.headers.get("Authorization").value_or("");
    return equal_ascii_case(given.substr(0, 6), "Basic ") && given.substr(6) == credential_;
  }

  // Event stream of an execution (until it has ended) or of its logs (until the client goes away).
  net::Task<void> follow(net::Exchange& exchange, std::string id, bool logs) {
    bool gone = false;
    exchange.watch_peer([&gone] { gone = true; });
    if (model_.follow(id).execution.is_null()) {
      co_await refuse_follow(exchange, gone);
      co_return;
    }
    net::ResponseHead head;
    head.headers.add("date", http_date());
    head.headers.add("Content-Type", "text/event-stream");
    Status sent = co_await exchange.start(std::move(head));
    std::string last;
    std::size_t lines = 0;
    while (sent && !gone) {
      std::string event;
      bool ended = false;
      if (logs) {
        event = new_lines(id, lines);
      } else {
        const Model::Followed now = model_.follow(id);
        ended = now.ended || now.execution.is_null();
        const std::string state =
            now.execution.is_null() ? "" : now.execution["state"]["histories"].dump();
        if (state != last || ended) {
          event = "id: " + std::string(ended ? "end" : "progress") +
                  "\ndata: " + now.execution.dump() + "\n\n";
        }
        last = state;
      }
      if (!event.empty()) {
        sent = co_await exchange.write(event);
      }
      if (ended) {
        break;
      }
      co_await net::sleep_for(kFollowStep);
    }
    if (sent && !gone) {
      sent = co_await exchange.finish();
    }
    exchange.watch_peer({});
  }

  std::string new_lines(const std::string& id, std::size_t& lines) {
    const Json all = model_.logs_of(id);
    std::string events;
    for (; lines < all.size(); ++lines) {
      events += "id: progress\ndata: " + all[lines].dump() + "\n\n";
    }
    return events;
  }

  static net::Task<void> refuse_follow(net::Exchange& exchange, const bool& gone) {
    for (milliseconds waited{0}; waited < kFollowUnknown && !gone; waited += kFollowStep) {
      co_await net::sleep_for(kFollowStep);
    }
    Answer answer;
    answer.status = 404;
    answer.content_type = "application/json";
    answer.body = "Unable to find the given execution";
    net::Response response = to_response(std::move(answer), false);
    const Status sent = co_await exchange.respond(std::move(response));
    static_cast<void>(sent);
    exchange.watch_peer({});
  }

  Model model_;
  std::string credential_;
};

net::Task<void> Desk::serve(net::Exchange& exchange) {
  if (!admits(exchange.head())) {
    net::Response refusal;
    refusal.head.status = 401;
    refusal.head.headers.add("WWW-Authenticate", "Basic realm=Kestra");
    refusal.head.headers.add("content-length", "0");
    const Status sent = co_await exchange.respond(std::move(refusal));
    static_cast<void>(sent);
    co_return;
  }
  auto body = co_await exchange.read_all(kBodyMax);
  if (!body) {
    co_return;
  }
  const net::RequestHead& head = exchange.head();
  const bool is_head = head.method == "HEAD";
  Call call =
      make_call(is_head ? "GET" : head.method, head.target,
                std::string(head.headers.get("Content-Type").value_or("")), *std::move(body));
  call.ttl = std::string(head.headers.get("ttl").value_or(""));
  Answer answer = model_.answer(call);
  if (!answer.follow_execution.empty()) {
    co_await follow(exchange, answer.follow_execution, answer.follow_logs);
    co_return;
  }
  net::Response response = to_response(std::move(answer), call.target == "/");
  if (is_head) {
    response.body.clear();
    response.head.headers.remove("content-length");
    response.head.headers.remove("content-type");
    exchange.close_after();
  }
  const Status sent = co_await exchange.respond(std::move(response));
  static_cast<void>(sent);
}

class ServedStandin final : public Standin {
 public:
  explicit ServedStandin(std::unique_ptr<net::Server> server) : server_(std::move(server)) {}
  [[nodiscard]] std::string url() const override { return "http://" + server_->address(); }

 private:
  const std::unique_ptr<net::Server> server_;
};

}  // namespace

Result<std::unique_ptr<Standin>> Standin::start(net::Executor executor, std::string endpoint,
                                                Options options) {
  const auto desk = std::make_shared<Desk>(options);
  DAYBOOK_ASSIGN_OR_RETURN(auto server,
                           net::Server::listen(executor, endpoint, [desk](net::Exchange& exchange) {
                             return desk->serve(exchange);
                           }));
  return std::make_unique<ServedStandin>(std::move(server));
}

}  // namespace daybook::demo
