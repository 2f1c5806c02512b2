// SPDX-License-Identifier: Apache-2.0
#include "endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "syntax.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;

asio::ip::address address_of(const StreamEndpoint& endpoint) {
  asio::ip::tcp::endpoint ip;
  if (endpoint.size() <= ip.capacity()) {
    ip.resize(endpoint.size());
    std::memcpy(ip.data(), endpoint.data(), endpoint.size());
  }
  const asio::ip::address address = ip.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  Endpoint out;
  if (text.starts_with(kUnix)) {
    out.host = std::string(text.substr(kUnix.size()));
    out.is_unix = true;
    if (out.host.empty() || out.host.find('\0') != std::string::npos) {
      return Error{Errc::invalid, "unix: needs a path"};
    }
    return out;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Error{Errc::invalid, "endpoint is not host:port"};
  }
  const auto port = parse_decimal(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Error{Errc::invalid, "an IPv6 address needs brackets"};
  }
  if (!port || *port > 65535 || host.empty()) {
    return Error{Errc::invalid, "endpoint is not host:port"};
  }
  out.host = std::string(host);
  out.port = static_cast<std::uint16_t>(*port);
  return out;
}

Result<StreamEndpoint> literal_endpoint(const Endpoint& endpoint) {
  if (endpoint.is_unix) {
    if (endpoint.host.size() >= sizeof(sockaddr_un::sun_path)) {
      return Error{Errc::invalid, "path of the Unix socket is too long"};
    }
    return StreamEndpoint(asio::local::stream_protocol::endpoint(endpoint.host));
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(endpoint.host, error);
  if (error) {
    return Error{Errc::not_found, "not an IP address"};
  }
  return StreamEndpoint(asio::ip::tcp::endpoint(address, endpoint.port));
}

std::string address_text(const StreamEndpoint& endpoint) {
  const int family = endpoint.protocol().family();
  return family == AF_INET || family == AF_INET6 ? address_of(endpoint).to_string() : std::string();
}

bool is_loopback(const StreamEndpoint& endpoint) {
  return endpoint.protocol().family() == AF_UNIX || address_of(endpoint).is_loopback();
}

std::uint16_t port_of(const StreamEndpoint& endpoint) {
  asio::ip::tcp::endpoint ip;
  if (endpoint.protocol().family() == AF_UNIX || endpoint.size() > ip.capacity()) {
    return 0;
  }
  ip.resize(endpoint.size());
  std::memcpy(ip.data(), endpoint.data(), endpoint.size());
  return ip.port();
}

std::string host_port(std::string_view host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string_view::npos;
  std::string out = v6 ? "[" : "";
  out += host;
  out += v6 ? "]:" : ":";
  out += std::to_string(port);
  return out;
}

}  // namespace daybook::net
