// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/client.h"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "daybook/core/utf8.h"

#include "client_exchange.h"
#include "client_pool.h"
#include "endpoint.h"
#include "syntax.h"

namespace daybook::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool is_sendable_target(std::string_view target) {
  return !target.empty() && std::all_of(target.begin(), target.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F;
  });
}

class PoolingClient final : public Client {
 public:
  PoolingClient(BaseUrl base, ClientOptions options)
      : pool_(std::make_shared<ClientPool>(std::move(base), std::move(options))) {}

  [[nodiscard]] const BaseUrl& base() const override { return pool_->base(); }

  Task<Result<std::unique_ptr<ClientExchange>>> begin(RequestHead head) override {
    if (!is_token(head.method) || !is_sendable_target(head.target)) {
      co_return Error{Errc::invalid, "bad method or request target"};
    }
    const Executor executor = co_await boost::asio::this_coro::executor;
    auto exchange = std::make_unique<PooledExchange>(pool_, executor, head);
    const Status ready = co_await exchange->acquire();
    if (!ready) {
      co_return ready.error();
    }
    co_return exchange;
  }

  Task<Result<Response>> fetch(RequestHead head, std::string body, std::uint64_t body_max,
                               milliseconds timeout) override {
    const auto begun = steady_clock::now();
    head.chunked = false;
    if (!body.empty() || head.method == "POST" || head.method == "PUT") {
      head.content_length = body.size();
    }
    auto exchange = co_await begin(std::move(head));
    if (!exchange) {
      co_return exchange.error();
    }
    ClientExchange& call = **exchange;
    // Errors of sending are not the end: the server may have answered before it read all.
    const Status written = co_await call.write(body);
    if (written) {
      const Status ended = co_await call.end_request();
      static_cast<void>(ended);
    }
    auto response = co_await receive(call, body_max, timeout, begun);
    co_return response;
  }

 private:
  // What is left of a timeout, at least 1 ms; 0 = for ever.
  static milliseconds left(milliseconds timeout, steady_clock::time_point begun) {
    if (timeout <= milliseconds::zero()) {
      return milliseconds::zero();
    }
    const auto rest = std::chrono::ceil<milliseconds>(timeout - (steady_clock::now() - begun));
    return std::max(milliseconds(1), rest);
  }

  static Task<Result<Response>> receive(ClientExchange& call, std::uint64_t body_max,
                                        milliseconds timeout, steady_clock::time_point begun) {
    auto head = co_await call.read_head(left(timeout, begun));
    if (!head) {
      co_return head.error();
    }
    Response response;
    response.head = *std::move(head);
    while (true) {
      const auto piece = co_await call.read_some(left(timeout, begun));
      if (!piece) {
        co_return piece.error();
      }
      if (piece->empty()) {
        co_return response;
      }
      if (piece->size() > body_max - response.body.size()) {
        co_return Error{Errc::exhausted, "answer is too large"};
      }
      response.body += *piece;
    }
  }

  const std::shared_ptr<ClientPool> pool_;
};

}  // namespace

Result<BaseUrl> BaseUrl::parse(std::string_view url) {
  BaseUrl out;
  if (url.starts_with("unix:")) {
    DAYBOOK_ASSIGN_OR_RETURN(const Endpoint endpoint, parse_endpoint(url));
    out.scheme = "unix";
    out.host = endpoint.host;
    out.port = 0;
    return out;
  }
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) {
    return Error{Errc::invalid, "URL is not http://host:port"};
  }
  const std::string scheme = ascii_lower(url.substr(0, colon));
  if (scheme != "http" && scheme != "https") {
    return Error{Errc::unsupported, "only http:// and https:// are supported"};
  }
  const std::string_view rest = url.substr(colon + 3);
  const auto slash = std::min(rest.find('/'), rest.size());
  std::string authority(rest.substr(0, slash));
  std::string_view prefix = rest.substr(slash);
  if (authority.find_first_of("@?#") != std::string::npos ||
      prefix.find_first_of("?# ") != std::string_view::npos) {
    return Error{Errc::invalid, "URL may hold host, port and path only"};
  }
  const auto bracket = authority.rfind(']');
  const auto port = authority.rfind(':');
  if (port == std::string::npos || (bracket != std::string::npos && port < bracket)) {
    authority += scheme == "https" ? ":443" : ":80";
  }
  DAYBOOK_ASSIGN_OR_RETURN(const Endpoint endpoint, parse_endpoint(authority));
  if (endpoint.port == 0 || endpoint.is_unix) {
    return Error{Errc::invalid, "URL needs a port"};
  }
  while (prefix.ends_with('/')) {
    prefix.remove_suffix(1);
  }
  out.scheme = scheme;
  out.host = endpoint.host;
  out.port = endpoint.port;
  out.prefix = std::string(prefix);
  return out;
}

std::string BaseUrl::authority() const {
  return scheme == "unix" ? std::string("localhost") : host_port(host, port);
}

std::unique_ptr<Client> Client::make(BaseUrl base, ClientOptions options) {
  return std::make_unique<PoolingClient>(std::move(base), std::move(options));
}

}  // namespace daybook::net
