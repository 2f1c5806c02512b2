// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "syntax.h"

namespace daybook::net {
namespace {

using Bits = std::array<std::uint8_t, 16>;
constexpr unsigned kMappedBits = 96;
constexpr std::size_t kTextMax = 45;  // INET6_ADDRSTRLEN without its end.

struct Address {
  Bits bits{};
  bool v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() > kTextMax || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string word(text);
  Address out;
  if (::inet_pton(AF_INET, word.c_str(), out.bits.data() + kMappedBits / 8) == 1) {
    out.bits[10] = out.bits[11] = 0xFF;
    out.v4 = true;
    return out;
  }
  if (::inet_pton(AF_INET6, word.c_str(), out.bits.data()) != 1) {
    return std::nullopt;
  }
  const bool zeros =
      std::all_of(out.bits.begin(), out.bits.begin() + 10, [](std::uint8_t b) { return b == 0; });
  out.v4 = zeros && out.bits[10] == 0xFF && out.bits[11] == 0xFF;
  return out;
}

bool same_prefix(const Bits& a, const Bits& b, unsigned prefix) {
  const unsigned whole = prefix / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) {
    return false;
  }
  const unsigned rest = prefix % 8;
  const unsigned mask = rest == 0 ? 0 : 0xFF00U >> rest;
  return rest == 0 || ((a[whole] ^ b[whole]) & mask & 0xFFU) == 0;
}

}  // namespace

Result<Networks> Networks::parse(const std::vector<std::string>& texts) {
  Networks out;
  for (const std::string& text : texts) {
    const Error bad{Errc::invalid, "not an IP network: " + text};
    const auto slash = text.find('/');
    const auto address = parse_address(std::string_view(text).substr(0, slash));
    if (!address) {
      return bad;
    }
    const unsigned bits_max = address->v4 ? 32 : 128;
    const auto prefix = slash == std::string::npos
                            ? std::optional<std::uint64_t>(bits_max)
                            : parse_decimal(std::string_view(text).substr(slash + 1));
    if (!prefix || *prefix > bits_max) {
      return bad;
    }
    Network network{address->bits,
                    static_cast<unsigned>(*prefix) + (address->v4 ? kMappedBits : 0)};
    Bits masked{};
    for (unsigned bit = 0; bit < network.prefix; ++bit) {
      const unsigned kept = masked[bit / 8] | (network.bits[bit / 8] & (0x80U >> (bit % 8)));
      masked[bit / 8] = static_cast<std::uint8_t>(kept);
    }
    if (masked != network.bits) {
      return bad;
    }
    out.networks_.push_back(network);
  }
  return out;
}

bool Networks::contains(std::string_view address) const {
  if (networks_.empty()) {
    return false;
  }
  const auto parsed = parse_address(address);
  return parsed && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return same_prefix(parsed->bits, network.bits, network.prefix);
         });
}

std::string plain_address(std::string_view text) {
  const auto parsed = parse_address(text);
  char out[INET6_ADDRSTRLEN] = {};
  if (!parsed) {
    return {};
  }
  if (parsed->v4) {
    ::inet_ntop(AF_INET, parsed->bits.data() + kMappedBits / 8, out, sizeof out);
  } else {
    ::inet_ntop(AF_INET6, parsed->bits.data(), out, sizeof out);
  }
  return out;
}

}  // namespace daybook::net
