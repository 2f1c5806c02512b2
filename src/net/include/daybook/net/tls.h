// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

struct ssl_st;

namespace daybook::net {

struct SslCloser {
  void operator()(ssl_st* ssl) const;
};
using SslHandle = std::unique_ptr<ssl_st, SslCloser>;

// Both sides speak TLS 1.2 and 1.3 only, with forward secrecy and authenticated ciphers, without
// renegotiation and compression, and offer HTTP/1.1 alone (ALPN).

// Who a listener is: a certificate chain and its key. Threads: any.
class TlsServer {
 public:
  // PEM files, the chain with the listener's own certificate first. Errc::io, not_found; invalid if
  // they cannot be read as such or do not belong together.
  static Result<std::shared_ptr<TlsServer>> load(std::filesystem::path certificate,
                                                 std::filesystem::path key);
  virtual ~TlsServer() = default;
  // Reads both files again, for connections from now on. On an error those read before stay.
  virtual Status reload() = 0;
  // Of a new connection, in the accepting state; nothing when there is no memory.
  [[nodiscard]] virtual SslHandle open() const = 0;
};

// Whom a client believes. Threads: any.
class TlsClient {
 public:
  // `ca_file`: PEM certificates to believe, instead of the system's.
  static Result<std::shared_ptr<TlsClient>> make(std::optional<std::filesystem::path> ca_file);
  virtual ~TlsClient() = default;
  // For a connection to `host`, a DNS name or an IP literal, which the certificate must name.
  [[nodiscard]] virtual SslHandle open(const std::string& host) const = 0;
};

}  // namespace daybook::net
