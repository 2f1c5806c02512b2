// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "daybook/net/server.h"

namespace daybook::net {

// Network threads that share nothing: each runs what belongs to its connections, in the order it
// comes, without locks or hand-overs between threads. For a proxy, whose requests are short;
// whoever computes for long holds up all connections of its lane. Ends after the servers, clients
// and exchanges on it, and after the Runtime that accepts for it.
class Lanes {
 public:
  static std::unique_ptr<Lanes> start(unsigned threads);
  virtual ~Lanes() = default;  // Stops and joins.
  // One lane after the other; any thread.
  [[nodiscard]] virtual Executor next() = 0;
};

// As Server::listen; `executor` only accepts, each connection lives on the next lane.
Result<std::unique_ptr<Server>> listen_on(Lanes& lanes, Executor executor,
                                          std::string_view endpoint, Handler handler,
                                          ServerLimits limits = {},
                                          std::shared_ptr<TlsServer> tls = {});

}  // namespace daybook::net
