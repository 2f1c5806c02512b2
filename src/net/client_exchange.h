// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "daybook/net/client.h"

#include "body_reader.h"
#include "client_pool.h"
#include "head_writer.h"
#include "stream.h"

namespace daybook::net {

// See ClientExchange. Holds one connection; gives it back to the pool when request and answer are
// whole.
class PooledExchange final : public ClientExchange {
 public:
  PooledExchange(std::shared_ptr<ClientPool> pool, Executor executor, const RequestHead& head);
  ~PooledExchange() override;
  PooledExchange(const PooledExchange&) = delete;
  PooledExchange& operator=(const PooledExchange&) = delete;

  // Takes a pooled connection or makes one.
  Task<Status> acquire();

  Task<Status> write(std::string_view piece) override;
  Task<Status> end_request() override;
  Task<Result<ResponseHead>> read_head(std::chrono::milliseconds timeout) override;
  Task<Result<std::string_view>> read_some(std::chrono::milliseconds timeout) override;
  [[nodiscard]] bool at_hand() const override;
  [[nodiscard]] Sent sent() const override { return sent_; }
  void cancel() override;

 private:
  Task<Status> send(std::string_view piece, bool last);
  Task<Status> reconnect();
  Task<Result<std::string_view>> receive_head_bytes(std::chrono::milliseconds timeout);
  Result<ResponseHead> accept_head(std::string_view raw);
  void release_if_whole();
  [[nodiscard]] bool may_repeat() const;

  const std::shared_ptr<ClientPool> pool_;
  const Executor executor_;
  const bool repeatable_;  // GET, HEAD, OPTIONS without a body.
  const bool to_head_request_;
  std::shared_ptr<Stream> stream_;
  std::string out_;  // The request's head, kept whole for the one repetition.
  OutgoingFraming framing_;
  BodyReader body_;
  std::uint64_t sent_bytes_ = 0;
  std::size_t body_buffer_ = 8 * 1024;  // Grows as the answer does.
  Sent sent_ = Sent::no;
  bool pooled_ = false;
  bool head_sent_ = false;
  bool request_ended_ = false;
  bool answer_begun_ = false;
  bool head_read_ = false;
  bool keep_alive_ = false;
  bool failed_ = false;
};

}  // namespace daybook::net
