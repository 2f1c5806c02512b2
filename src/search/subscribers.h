// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "daybook/search/engine.h"

namespace daybook::search {

// Who is told that the engine has grown.
//
// Threads: any. A call and the end of its subscription exclude each other.
class Subscribers : public std::enable_shared_from_this<Subscribers> {
 public:
  std::unique_ptr<Subscription> add(std::function<void(TreeSize)> grown) {
    const std::scoped_lock lock(mutex_);
    const auto key = next_++;
    calls_.emplace(key, std::move(grown));
    return std::make_unique<Membership>(shared_from_this(), key);
  }
  void tell(TreeSize size) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, grown] : calls_) grown(size);
  }

 private:
  class Membership final : public Subscription {
   public:
    Membership(std::shared_ptr<Subscribers> of, std::uint64_t key)
        : of_(std::move(of)), key_(key) {}
    ~Membership() override {
      const std::scoped_lock lock(of_->mutex_);
      of_->calls_.erase(key_);
    }
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

   private:
    std::shared_ptr<Subscribers> of_;  // May outlive the engine.
    std::uint64_t key_;
  };

  std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, std::function<void(TreeSize)>> calls_;
};

}  // namespace daybook::search
