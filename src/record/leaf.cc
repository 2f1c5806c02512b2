// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "daybook/core/random.h"
#include "daybook/crypto/sha256.h"
#include "daybook/record/parts.h"

namespace daybook::record {
namespace {

constexpr std::uint8_t kLeafVersion = 0x01;
constexpr std::uint8_t kLeafPrefix = 0x00;  // RFC 6962 section 2.1.

}  // namespace

std::optional<Part> parse_part(std::string_view name) {
  for (const auto& [known, part] : kParts) {
    if (known == name) return part;
  }
  return std::nullopt;
}

Seed new_seed(Random& random) {
  Seed seed{};
  random.fill(seed);
  return seed;
}

Salt salt_of(const Seed& seed, Part part) {
  crypto::Sha256 sha;
  const Hash hash = sha.update(ByteSpan(seed)).update(static_cast<std::uint8_t>(part)).finish();
  Salt salt{};
  std::copy_n(hash.begin(), salt.size(), salt.begin());
  return salt;
}

Hash commit(Part part, const Salt& salt, std::string_view bytes) {
  crypto::Sha256 sha;
  return sha.update(static_cast<std::uint8_t>(part)).update(ByteSpan(salt)).update(bytes).finish();
}

Commitments commit_all(const Seed& seed, const Parts& parts) {
  Commitments commitments{};
  for (const Part part : {Part::event, Part::actor, Part::change}) {
    commitments.at(static_cast<std::size_t>(part) - 1) =
        commit(part, salt_of(seed, part), parts[part]);
  }
  return commitments;
}

Leaf leaf_data(const Commitments& commitments) {
  Leaf leaf{};
  leaf[0] = kLeafVersion;
  auto at = leaf.begin() + 1;
  for (const Hash& commitment : commitments) {
    at = std::copy(commitment.begin(), commitment.end(), at);
  }
  return leaf;
}

Hash leaf_hash(const Commitments& commitments) {
  crypto::Sha256 sha;
  return sha.update(kLeafPrefix).update(ByteSpan(leaf_data(commitments))).finish();
}

}  // namespace daybook::record
