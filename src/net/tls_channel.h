// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "daybook/core/result.h"
#include "daybook/net/tls.h"

namespace daybook::net {

// TLS on a connected non-blocking socket. Never waits: each call says what it waits for, and the
// caller calls it again, with the same bytes, when the socket is ready.
class TlsChannel {
 public:
  enum class Step : std::uint8_t { done, want_read, want_write, ended, failed };

  // Takes `ssl` in its connecting or accepting state.
  static Result<std::unique_ptr<TlsChannel>> make(SslHandle ssl, int socket);
  explicit TlsChannel(SslHandle ssl) : ssl_(std::move(ssl)) {}

  Step handshake();
  // done: `count` bytes, at least one. ended: the peer said that nothing follows; a connection that
  // merely breaks off has failed.
  Step read(std::span<char> space, std::size_t& count);
  Step write(std::string_view bytes, std::size_t& count);
  // Nothing to read and no end: what waits in the socket is at most the protocol's own.
  [[nodiscard]] bool quiet();
  [[nodiscard]] bool unread() const;
  // Tells the peer that nothing follows, if the connection is sound.
  void say_end();

  [[nodiscard]] const std::string& why() const { return why_; }  // Of the last failure.

 private:
  Step settle(int returned);

  SslHandle ssl_;
  std::string why_;
  bool sound_ = false;  // The handshake is over and nothing has failed.
};

}  // namespace daybook::net
