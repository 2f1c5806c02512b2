// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <future>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/net/http.h"

#include "credentials.h"
#include "http_json.h"

namespace daybook::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kAnswerBytesMax = 256ULL << 20U;
constexpr seconds kRetryFor{30};    // A server that rebuilds its search after a crash.
constexpr seconds kStartUpMax{30};  // A server that holds the lock but does not answer yet.
constexpr milliseconds kPauseSlice{100};

Error cancelled() {
  return {.code = Errc::cancelled, .context = "stopped"};
}

// Seconds of a Retry-After; nothing if the answer has none.
std::optional<seconds> retry_after(const net::ResponseHead& head) {
  const auto field = head.headers.get("Retry-After");
  if (head.status != 503 || !field) return std::nullopt;
  int value = 0;
  const auto [end, code] = std::from_chars(field->data(), field->data() + field->size(), value);
  if (code != std::errc{} || end != field->data() + field->size() || value < 0) return seconds(1);
  return std::clamp(seconds(value), seconds(1), seconds(5));
}

net::Task<void> run_to_end(std::function<net::Task<int>(Session&)> command, Session& session,
                           net::Runtime& runtime, std::shared_ptr<std::promise<int>> code) {
  const int result = co_await command(session);
  runtime.stop_waiting();
  code->set_value(result);
}

net::Task<void> ask_health(Session& session, bool& up) {
  net::RequestHead head = session.head("GET", "/health");
  const auto answer = co_await session.call(std::move(head), {});
  up = answer.has_value();
}

}  // namespace

Stream::Stream(Session& session, std::unique_ptr<net::ClientExchange> exchange)
    : session_(session), exchange_(std::move(exchange)) {
  session_.current_ = exchange_.get();
}

Stream::~Stream() {
  session_.current_ = nullptr;
}

net::Task<Result<net::ResponseHead>> Stream::start(std::string body, milliseconds timeout) {
  Status sent = co_await exchange_->write(body);
  if (sent) sent = co_await exchange_->end_request();
  // Whatever sending met: what the server says about it comes first.
  auto head = co_await exchange_->read_head(timeout);
  if (session_.stopping_) co_return cancelled();
  if (!head && !sent) co_return sent.error();
  co_return head;
}

net::Task<Result<std::string_view>> Stream::read(milliseconds timeout) {
  auto piece = co_await exchange_->read_some(timeout);
  if (session_.stopping_) co_return cancelled();
  co_return piece;
}

net::Task<Result<std::string>> Stream::read_rest(milliseconds timeout) {
  std::string body;
  while (true) {
    const auto piece = co_await read(timeout);
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return body;
    if (body.size() + piece->size() > kAnswerBytesMax)
      co_return Error{.code = Errc::exhausted, .context = "the answer is too large"};
    body += *piece;
  }
}

net::Task<Error> Stream::refusal(net::ResponseHead head, milliseconds timeout) {
  net::Response answer;
  answer.head = std::move(head);
  auto rest = co_await read_rest(timeout);
  if (rest) answer.body = *std::move(rest);
  co_return error_of(answer);
}

Result<std::unique_ptr<Session>> Session::open(const Where& where) {
  hold_signals();
  // A reader of our output that goes away is an error of a write, not the end of the process.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  std::unique_ptr<Session> session(new Session());
  session->tenant_ = where.tenant;
  DAYBOOK_RETURN_IF_ERROR(session->connect(where));
  return session;
}

Session::~Session() {
  static_cast<void>(close());
}

Status Session::connect(const Where& where) {
  const std::string server =
      where.server.empty() && where.data.empty() ? environment("DAYBOOK_SERVER") : where.server;
  std::string url = server;
  if (!server.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(
        authorization_,
        authorization_of(
            {.token = where.token, .login = where.login, .password_stdin = where.password_stdin}));
  } else {
    if (where.data.empty()) {
      return Error{.code = Errc::invalid,
                   .context = "say where: --data DIR, --server URL, or DAYBOOK_SERVER"};
    }
    Config config;
    config.purpose = Purpose::command;
    config.data = where.data;
    if (!where.config.empty()) DAYBOOK_RETURN_IF_ERROR(read_config_file(where.config, config));
    if (!where.keys.empty()) config.ledger.keys_dir = where.keys;
    auto instance = Instance::start(std::move(config));
    // Unavailable: a server has it.
    if (!instance && instance.error().code != Errc::unavailable) return instance.error();
    if (instance) instance_ = *std::move(instance);
    url = "unix:" + (where.data / "control.sock").string();
  }
  DAYBOOK_ASSIGN_OR_RETURN(auto base, net::BaseUrl::parse(url));
  runtime_ = net::Runtime::start(1);
  client_ = net::Client::make(std::move(base));
  if (server.empty()) return wait_until_up();
  return {};
}

Status Session::wait_until_up() {
  const auto deadline = steady_clock::now() + kStartUpMax;
  while (true) {
    bool up = false;
    runtime_->run(ask_health(*this, up));
    if (up) return {};
    if (steady_clock::now() > deadline) {
      return Error{.code = Errc::unavailable,
                   .context = "another process holds the directory, but nobody answers at " +
                              client_->base().authority()};
    }
    runtime_->run(net::sleep_for(kPauseSlice));
  }
}

int Session::run(const std::function<net::Task<int>(Session&)>& command) {
  const auto code = std::make_shared<std::promise<int>>();
  auto result = code->get_future();
  net::spawn(runtime_->executor(), run_to_end(command, *this, *runtime_, code));
  if (runtime_->wait_for_signal() != 0) {
    stopping_ = true;
    net::spawn(runtime_->executor(), cancel());
  }
  return result.get();
}

net::Task<void> Session::cancel() {
  if (current_ != nullptr) current_->cancel();
  co_return;
}

Status Session::close() {
  client_.reset();
  runtime_.reset();
  if (!instance_) return {};
  auto instance = std::move(instance_);
  return instance->stop();
}

std::string Session::target(std::string_view operation, const std::string& query) const {
  std::string out = "/api/v1/";
  if (tenant_) out += percent_encode(*tenant_) + "/";
  out += "auditlogs";
  if (!operation.empty()) out += "/" + std::string(operation);
  return query.empty() ? out : out + "?" + query;
}

net::RequestHead Session::head(const std::string& method, std::string target) const {
  net::RequestHead head;
  head.method = method;
  head.target = std::move(target);
  head.headers.add("Host", client_->base().authority());
  head.headers.add("User-Agent", "daybook/" DAYBOOK_VERSION);
  if (!authorization_.empty()) head.headers.add("Authorization", authorization_);
  return head;
}

net::Task<Result<std::unique_ptr<Stream>>> Session::begin(net::RequestHead head) {
  if (stopping_) co_return cancelled();
  auto exchange = co_await client_->begin(std::move(head));
  if (!exchange) co_return exchange.error();
  co_return std::make_unique<Stream>(*this, *std::move(exchange));
}

net::Task<Result<net::Response>> Session::call_once(net::RequestHead head, std::string body) {
  if (!body.empty()) head.content_length = body.size();
  auto stream = co_await begin(std::move(head));
  if (!stream) co_return stream.error();
  auto answered = co_await (*stream)->start(std::move(body), timeout_);
  if (!answered) co_return answered.error();
  auto rest = co_await (*stream)->read_rest(timeout_);
  if (!rest) co_return rest.error();
  net::Response response;
  response.head = *std::move(answered);
  response.body = *std::move(rest);
  co_return response;
}

net::Task<Result<net::Response>> Session::call(net::RequestHead head, std::string body) {
  const auto deadline = steady_clock::now() + kRetryFor;
  while (true) {
    net::RequestHead attempt = head;
    auto answer = co_await call_once(std::move(attempt), body);
    if (!answer || head.method != "GET") co_return answer;
    const auto later = retry_after(answer->head);
    if (!later || steady_clock::now() + *later > deadline) co_return answer;
    const Status waited = co_await pause(*later);
    if (!waited) co_return waited.error();
  }
}

net::Task<Status> Session::pause(milliseconds duration) {
  const auto deadline = steady_clock::now() + duration;
  while (steady_clock::now() < deadline) {
    if (stopping_) co_return cancelled();
    co_await net::sleep_for(kPauseSlice);
  }
  if (stopping_) co_return cancelled();
  co_return Status();
}

}  // namespace daybook::app
