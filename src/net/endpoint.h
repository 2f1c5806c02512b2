// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>

#include "daybook/core/result.h"

namespace daybook::net {

using StreamEndpoint = boost::asio::generic::stream_protocol::endpoint;

// `host:port`, `[v6]:port` or `unix:PATH`.
struct Endpoint {
  std::string host;  // The path of a Unix socket.
  std::uint16_t port = 0;
  bool is_unix = false;
};

// Port 0 is legal here. Errc::invalid.
Result<Endpoint> parse_endpoint(std::string_view text);

// IP literals and Unix paths need no resolver. Errc::not_found: a name. Errc::invalid: a path over
// the 107 bytes that a socket address holds.
Result<StreamEndpoint> literal_endpoint(const Endpoint& endpoint);

// Address without port (IPv4-mapped addresses as IPv4), empty for Unix sockets.
[[nodiscard]] std::string address_text(const StreamEndpoint& endpoint);
[[nodiscard]] bool is_loopback(const StreamEndpoint& endpoint);  // Unix sockets are.
[[nodiscard]] std::uint16_t port_of(const StreamEndpoint& endpoint);
// `host:port` or `[v6]:port`.
[[nodiscard]] std::string host_port(std::string_view host, std::uint16_t port);

}  // namespace daybook::net
