// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "daybook/crypto/note.h"
#include "daybook/net/runtime.h"
#include "daybook/net/server.h"

namespace daybook::witness {

// A witness after C2SP tlog-witness on 127.0.0.1, which checks everything it is sent, and can be
// told to misbehave.
class FakeWitness {
 public:
  FakeWitness(net::Runtime& runtime, std::string name, crypto::NoteVerifier log);
  ~FakeWitness();
  FakeWitness(const FakeWitness&) = delete;
  FakeWitness& operator=(const FakeWitness&) = delete;

  [[nodiscard]] std::string url() const { return "http://" + address_ + "/submit"; }
  [[nodiscard]] crypto::NoteVerifier key() const;
  // Its line in a policy.
  [[nodiscard]] std::string policy_line() const;

  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] int requests() const { return requests_; }
  // The next answers, whatever is asked: a status and a body.
  void answer_next(unsigned status, std::string body);
  // What it remembers from now on, as if it had cosigned that.
  void remember(std::uint64_t size, const Hash& root);
  void forget_log();  // It then answers 404.

 private:
  net::Task<void> serve(net::Exchange& exchange);
  net::Response decide(const std::string& body);
  [[nodiscard]] std::string cosign(const std::string& text) const;

  net::Runtime& runtime_;
  std::string name_;
  crypto::NoteVerifier log_;
  crypto::Ed25519Key secret_;
  std::string address_;
  std::atomic<int> requests_{0};
  mutable std::mutex mutex_;
  std::uint64_t size_ = 0;
  Hash root_{};
  bool knows_log_ = true;
  std::deque<net::Response> canned_;
  std::unique_ptr<net::Server> server_;  // Last: its handler uses everything above.
};

}  // namespace daybook::witness
