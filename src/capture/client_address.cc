// SPDX-License-Identifier: Apache-2.0
#include "client_address.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "daybook/core/utf8.h"

namespace daybook::capture {
namespace {

constexpr std::size_t kHopsMax = 32;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (out.size() <= kHopsMax) {
    const auto end = text.find(separator);
    out.push_back(trim_ows(text.substr(0, end)));
    if (end == std::string_view::npos) {
      break;
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `"[2001:db8::1]"`; empty if it is no address.
std::string hop_address(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    text = text.substr(1, text.size() - 2);
  }
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return end == std::string_view::npos ? std::string()
                                         : net::plain_address(text.substr(1, end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  return net::plain_address(text);
}

// The `for` parameter of one element of Forwarded.
std::string_view forwarded_for(std::string_view element) {
  for (const std::string_view pair : split(element, ';')) {
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && equal_ascii_case(pair.substr(0, equals), "for")) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

// All hops, the nearest last.
std::vector<std::string> hops_of(const net::Headers& headers) {
  std::vector<std::string> hops;
  const auto lists = headers.get_all("X-Forwarded-For");
  for (const std::string_view list : lists) {
    for (const std::string_view hop : split(list, ',')) {
      hops.push_back(hop_address(hop));
    }
  }
  if (lists.empty()) {
    for (const std::string_view list : headers.get_all("Forwarded")) {
      for (const std::string_view element : split(list, ',')) {
        hops.push_back(hop_address(forwarded_for(element)));
      }
    }
  }
  return hops;
}

}  // namespace

std::string client_address(const net::Networks& trusted_proxies, const net::Headers& headers,
                           const std::string& peer) {
  std::string address = peer;
  if (!trusted_proxies.contains(peer)) {
    return address;
  }
  const std::vector<std::string> hops = hops_of(headers);
  for (auto hop = hops.rbegin(); hop != hops.rend() && !hop->empty(); ++hop) {
    address = *hop;
    if (!trusted_proxies.contains(address)) {
      break;
    }
  }
  return address;
}

}  // namespace daybook::capture
