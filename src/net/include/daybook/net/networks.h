// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/result.h"

namespace daybook::net {

// A list of IP networks: `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`. IPv4-mapped addresses count as
// IPv4. Immutable; any thread.
class Networks {
 public:
  Networks() = default;
  // Errc::invalid names the one that is none; bits behind the prefix must be zero.
  static Result<Networks> parse(const std::vector<std::string>& texts);

  [[nodiscard]] bool empty() const { return networks_.empty(); }
  // False for what is no address.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  using Bits = std::array<std::uint8_t, 16>;  // IPv4 as IPv4-mapped IPv6.
  struct Network {
    Bits bits{};
    unsigned prefix = 0;
  };
  std::vector<Network> networks_;
};

// The one usual spelling of an IP address, without brackets; empty if it is none.
[[nodiscard]] std::string plain_address(std::string_view text);

}  // namespace daybook::net
