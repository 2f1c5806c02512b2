// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "daybook/core/result.h"
#include "daybook/net/runtime.h"

#include "config.h"
#include "store.h"

namespace daybook::app {

// SIGTERM and SIGINT wait from now on until Runtime::wait_for_signal(), SIGHUP until it is handled:
// a server that is told to
// stop while it starts stops as cleanly as later. Before the first thread.
void hold_signals();

// A running server: store, search, capture, API and their listeners, wired in the one direction
// that data takes.
//
// start() opens the store, rebuilds search, closes attempts left open by a crash, records START,
// binds the listeners and prints `listening api …` and `listening gateway …` as each is bound.
// stop() takes no new requests, lets those in flight end (10 s), records STOP, makes everything
// durable and signs it. Threads: start, stop and destruction from one thread.
class Instance {
 public:
  static Result<std::unique_ptr<Instance>> start(Config config);
  virtual ~Instance() = default;
  [[nodiscard]] virtual net::Runtime& runtime() = 0;
  [[nodiscard]] virtual Store& store() = 0;
  [[nodiscard]] virtual const std::string& api_address() const = 0;
  [[nodiscard]] virtual const std::string& gateway_address() const = 0;  // Empty without a gateway.
  virtual Status stop() = 0;
};

}  // namespace daybook::app
