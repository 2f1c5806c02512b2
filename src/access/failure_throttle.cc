// SPDX-License-Identifier: Apache-2.0
#include "failure_throttle.h"

#include <utility>

namespace daybook::access {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
// Beyond this the oldest key is reported early: it may then have two events within its minute, but
// no failure goes uncounted.
constexpr std::size_t kKeysMax = 10'000;

}  // namespace

void FailureThrottle::note(const Hash& key, record::Event event, std::int64_t now,
                           std::vector<record::Event>& out) {
  flush(now, out);
  const auto at = waiting_.find(key);
  if (at != waiting_.end()) {
    ++at->second.count;
    at->second.latest = std::move(event);
    return;
  }
  if (waiting_.size() >= kKeysMax) {
    const auto oldest = waiting_.find(order_.front());
    order_.pop_front();
    if (oldest->second.count > 0) report(oldest->second, out);
    waiting_.erase(oldest);
  }
  event.detail["count"] = 1;
  out.push_back(std::move(event));
  waiting_[key].until = now + kMinuteMs;
  order_.push_back(key);
}

void FailureThrottle::flush(std::int64_t now, std::vector<record::Event>& out) {
  while (!order_.empty()) {
    const Hash key = order_.front();
    const auto at = waiting_.find(key);
    if (at->second.until > now) return;
    order_.pop_front();
    if (at->second.count == 0) {
      waiting_.erase(at);
      continue;
    }
    report(at->second, out);
    at->second.until = now + kMinuteMs;
    order_.push_back(key);
  }
}

void FailureThrottle::drain(std::vector<record::Event>& out) {
  for (auto& [key, waiting] : waiting_) {
    if (waiting.count > 0) report(waiting, out);
  }
  waiting_.clear();
  order_.clear();
}

void FailureThrottle::report(Waiting& waiting, std::vector<record::Event>& out) {
  waiting.latest.id = random_id(random_);
  waiting.latest.detail["count"] = waiting.count;
  waiting.count = 0;
  out.push_back(std::exchange(waiting.latest, {}));
}

}  // namespace daybook::access
