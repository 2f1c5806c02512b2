// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daybook/core/random.h"
#include "daybook/net/task.h"

namespace daybook::demo {

// How one actor signs in to the gateway.
struct ActorLogin {
  std::string name;
  std::string secret;  // A person's password, a service account's token.
  bool service_account = false;
};

// People and service accounts who act on Kestra through the gateway: first a burst that fills the
// page (creates, updates, runs, deletions, failures, a wrong password), then an act every few
// seconds until stop(). Threads: stop() and seeded() from any.
class Actors {
 public:
  static std::unique_ptr<Actors> start(net::Executor executor, std::string gateway_url,
                                       std::vector<ActorLogin> logins, Random& random);
  virtual ~Actors() = default;
  // The burst is over (also if the gateway cannot be reached: the diagnostics log says so).
  [[nodiscard]] virtual bool seeded() const = 0;
  // Returns when no act is in flight any more.
  virtual void stop() = 0;
};

}  // namespace daybook::demo
