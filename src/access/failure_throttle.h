// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/random.h"
#include "daybook/record/event.h"

namespace daybook::access {

// Lets through one LOGIN_FAILURE per key and minute. The first is reported at once with count 1;
// those that follow are counted and reported together, in one event, once the minute is over.
// Times: monotonic milliseconds. Threads: the owner locks.
class FailureThrottle {
 public:
  explicit FailureThrottle(Random& random) : random_(random) {}

  // `event` is what to report; its `detail.count` and, when reported later, its id are set here.
  void note(const Hash& key, record::Event event, std::int64_t now,
            std::vector<record::Event>& out);
  // Reports what waits for a minute that is over. Cheap if nothing does.
  void flush(std::int64_t now, std::vector<record::Event>& out);
  // Reports all that waits and forgets every key.
  void drain(std::vector<record::Event>& out);
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::int64_t until = 0;
    std::uint64_t count = 0;  // Since the last report.
    record::Event latest;
  };
  void report(Waiting& waiting, std::vector<record::Event>& out);

  Random& random_;
  std::map<Hash, Waiting> waiting_;
  std::deque<Hash> order_;  // By `until`: every minute is equally long.
};

}  // namespace daybook::access
