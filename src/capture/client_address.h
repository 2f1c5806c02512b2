// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/net/http.h"
#include "daybook/net/networks.h"

namespace daybook::capture {

// The address a request came from. `peer` itself, unless it is one of the proxies we believe: then
// what they say in X-Forwarded-For, or without it in Forwarded (RFC 7239), read from the nearest
// hop on, up to the first address that is no such proxy. What others say there is ignored, and so
// is everything before a hop that is no address.
[[nodiscard]] std::string client_address(const net::Networks& trusted_proxies,
                                         const net::Headers& headers, const std::string& peer);

}  // namespace daybook::capture
