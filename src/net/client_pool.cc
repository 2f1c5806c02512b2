// SPDX-License-Identifier: Apache-2.0
#include "client_pool.h"

#include <algorithm>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>

#include "await.h"
#include "lane_mark.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kAddressesMax = 8;  // Of one name, tried in turn.

asio::io_context& context_of(const Executor& executor) {
  return static_cast<asio::io_context&>(asio::query(executor, asio::execution::context));
}

}  // namespace

ClientPool::ClientPool(BaseUrl base, ClientOptions options)
    : base_(std::move(base)), options_(std::move(options)) {
  if (base_.scheme != "https") {
    return;
  }
  tls_ = options_.tls;
  if (!tls_) {
    auto made = TlsClient::make(std::nullopt);
    if (made) {
      tls_ = *std::move(made);
    }
  }
}

void ClientPool::drop_old_unlocked() {
  const auto oldest = steady_clock::now() - options_.pool_idle;
  while (!idle_.empty() && idle_.front().since < oldest) {
    idle_.pop_front();
  }
}

// The newest that is not older than `oldest`; out of the list, its state unknown.
std::shared_ptr<Stream> ClientPool::newest_of(const asio::io_context& context,
                                              steady_clock::time_point oldest) {
  const std::lock_guard lock(mutex_);
  drop_old_unlocked();
  for (auto at = idle_.size(); at > 0 && idle_[at - 1].since >= oldest; --at) {
    // Events of others arrive on other threads.
    if (&context_of(idle_[at - 1].stream->executor()) == &context) {
      std::shared_ptr<Stream> stream = std::move(idle_[at - 1].stream);
      idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(at - 1));
      return stream;
    }
  }
  return nullptr;
}

std::shared_ptr<Stream> ClientPool::take(const Executor& executor, milliseconds idle_max) {
  const auto oldest = steady_clock::now() - idle_max;
  for (;;) {
    std::shared_ptr<Stream> stream = newest_of(context_of(executor), oldest);
    if (!stream) {
      return nullptr;
    }
    if (stream->quiet()) {
      return stream->executor() == executor ? stream
                                            : std::make_shared<Stream>(executor, stream->release());
    }
  }
}

void ClientPool::give(std::shared_ptr<Stream> stream) {
  if (!is_lane(stream->executor())) {
    const Executor none = context_of(stream->executor()).get_executor();
    stream = std::make_shared<Stream>(none, stream->release());
  }
  const std::lock_guard lock(mutex_);
  drop_old_unlocked();
  if (idle_.size() >= options_.pool_max && !idle_.empty()) {
    idle_.pop_front();
  }
  if (options_.pool_max > 0) {
    idle_.push_back({std::move(stream), steady_clock::now()});
  }
}

Task<Result<std::vector<StreamEndpoint>>> ClientPool::resolve() {
  std::vector<StreamEndpoint> endpoints;
  const Endpoint endpoint{base_.host, base_.port, base_.scheme == "unix"};
  auto literal = literal_endpoint(endpoint);
  if (literal) {
    endpoints.push_back(*literal);
    co_return endpoints;
  }
  if (literal.error().code != Errc::not_found) {
    co_return literal.error();
  }
  const Executor executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const std::string port = std::to_string(base_.port);
  auto [error, found] = co_await resolver.async_resolve(base_.host, port, kAwait);
  if (error) {
    co_return Error{Errc::unavailable, "cannot resolve " + base_.host + ": " + error.message()};
  }
  for (const auto& entry : found) {
    if (endpoints.size() < kAddressesMax) {
      endpoints.emplace_back(entry.endpoint());
    }
  }
  co_return endpoints;
}

Task<Status> ClientPool::secure(std::shared_ptr<Stream> stream, steady_clock::time_point until) {
  SslHandle ssl = tls_ ? tls_->open(base_.host) : SslHandle();
  if (!ssl) {
    co_return Error{Errc::unavailable, "TLS cannot be used"};
  }
  const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
  const Status secured = co_await stream->secure(std::move(ssl), std::max(left, milliseconds(1)));
  co_return secured;
}

Task<Status> ClientPool::connect(std::shared_ptr<Stream> stream) {
  const auto until = steady_clock::now() + options_.connect_timeout;
  auto endpoints = co_await resolve();
  if (!endpoints) {
    co_return endpoints.error();
  }
  Error last{Errc::unavailable, "no address"};
  for (const StreamEndpoint& endpoint : *endpoints) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    if (left <= milliseconds::zero()) {
      last.code = Errc::timeout;
      break;
    }
    Status connected = co_await stream->connect(endpoint, left);
    if (connected && base_.scheme == "https") {
      connected = co_await secure(stream, until);
    }
    if (connected) {
      co_return Status();
    }
    last = connected.error();
    if (last.code == Errc::cancelled) {
      break;
    }
  }
  last.context = "cannot connect to " + base_.authority() + ": " + last.context;
  co_return last;
}

}  // namespace daybook::net
