// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "daybook/net/task.h"
#include "daybook/net/wakeup.h"
#include "daybook/search/engine.h"

namespace daybook::api {

// Who follows the audit log at present. Bounds their number, and wakes those who wait when the
// ledger has grown. There is no queue: a follower that is woken looks at the engine itself.
//
// The ledger's writer only starts one round of waking, if none is under way; the round runs on a
// network thread. Threads: any. Ownership: the engine outlives it.
class FollowHub {
 public:
  FollowHub(search::Engine& engine, std::size_t followers_max);
  ~FollowHub();
  FollowHub(const FollowHub&) = delete;
  FollowHub& operator=(const FollowHub&) = delete;

  struct State;
  // The place of one follower, taken until it is destroyed.
  class Seat {
   public:
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    // Whether the server is about to stop.
    [[nodiscard]] bool closed() const;

   private:
    friend class FollowHub;
    Seat(std::shared_ptr<State> state, std::shared_ptr<net::Wakeup> wakeup);
    std::shared_ptr<State> state_;
    std::shared_ptr<net::Wakeup> wakeup_;
  };

  // None if all places are taken, or after close(). `executor` is the follower's.
  [[nodiscard]] std::unique_ptr<Seat> take(net::Executor executor,
                                           std::shared_ptr<net::Wakeup> wakeup);
  // Wakes everybody for the last time; nobody is let in any more.
  void close();

 private:
  std::shared_ptr<State> state_;
  std::unique_ptr<search::Subscription> subscription_;
};

}  // namespace daybook::api
