// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "daybook/net/client.h"

#include "endpoint.h"
#include "stream.h"

namespace daybook::net {

// Idle keep-alive connections to one server, and how to make new ones.
// Threads: any. Outlives the Client while exchanges are under way.
class ClientPool {
 public:
  ClientPool(BaseUrl base, ClientOptions options);

  [[nodiscard]] const BaseUrl& base() const { return base_; }
  [[nodiscard]] const ClientOptions& options() const { return options_; }

  // The connection used last that may serve `executor`, is no older than `idle_max` and that the
  // server has not closed. None: null.
  std::shared_ptr<Stream> take(const Executor& executor, std::chrono::milliseconds idle_max);
  void give(std::shared_ptr<Stream> stream);

  // Connects `stream`, trying each address of the server in turn. Errc::unavailable, timeout,
  // cancelled.
  Task<Status> connect(std::shared_ptr<Stream> stream);

 private:
  struct Idle {
    // On a lane as it was used; else on no strand, without a timer, until somebody takes it.
    std::shared_ptr<Stream> stream;
    std::chrono::steady_clock::time_point since;
  };

  Task<Result<std::vector<StreamEndpoint>>> resolve();
  Task<Status> secure(std::shared_ptr<Stream> stream, std::chrono::steady_clock::time_point until);
  std::shared_ptr<Stream> newest_of(const boost::asio::io_context& context,
                                    std::chrono::steady_clock::time_point oldest);
  void drop_old_unlocked();

  const BaseUrl base_;
  const ClientOptions options_;
  std::shared_ptr<TlsClient> tls_;  // Of an https URL.
  std::mutex mutex_;
  std::deque<Idle> idle_;  // Guarded by mutex_; oldest first.
};

}  // namespace daybook::net
