// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/ed25519.h"

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

#include "vectors.h"

namespace daybook::crypto {
namespace {

using testing::SeededRandom;

struct Rfc8032 {
  const char* seed;
  const char* key;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
const Rfc8032 kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "659"
     "4a7c15e9716ed28dc027beceea1ec40a"}};

template <class Array>
Array array_from(const char* hex) {
  const Bytes bytes = from_hex(hex).value();
  Array out{};
  EXPECT_EQ(bytes.size(), out.size());
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}

TEST(Ed25519, VectorsOfRfc8032) {
  for (const Rfc8032& vector : kVectors) {
    const auto key = Ed25519Key::from_seed(array_from<Ed25519Seed>(vector.seed)).value();
    const Bytes message = from_hex(vector.message).value();
    EXPECT_EQ(to_hex(key.public_key()), vector.key);
    EXPECT_EQ(to_hex(key.sign(message)), vector.signature);
    EXPECT_TRUE(ed25519_verify(key.public_key(), message, key.sign(message)));
  }
}

TEST(Ed25519, PublicKeysOfTheLogVectors) {
  for (const auto& [name, entry] : vectors().at("keys").items()) {
    const auto key = Ed25519Key::from_seed(array_of<Ed25519Seed>(entry, "seed_hex")).value();
    EXPECT_EQ(to_hex(key.public_key()), text_of(entry, "public_hex")) << name;
  }
}

TEST(Ed25519, AnyChangedBitIsNoticed) {
  SeededRandom random(1);
  const auto key = Ed25519Key::generate(random).value();
  const auto other = Ed25519Key::generate(random).value();
  for (int round = 0; round < 100; ++round) {
    Bytes message(1 + random.below(100));
    random.fill(message);
    Ed25519Signature signature = key.sign(message);
    EXPECT_TRUE(ed25519_verify(key.public_key(), message, signature));
    EXPECT_FALSE(ed25519_verify(other.public_key(), message, signature));
    const auto bit = static_cast<std::uint8_t>(1U << random.below(8));
    const std::uint64_t at = random.below(signature.size());
    signature[at] ^= bit;
    EXPECT_FALSE(ed25519_verify(key.public_key(), message, signature));
    signature[at] ^= bit;
    message[random.below(message.size())] ^= bit;
    EXPECT_FALSE(ed25519_verify(key.public_key(), message, signature));
  }
}

TEST(Ed25519, MovesKeepTheKeyAndEmptyTheSource) {
  SeededRandom random(2);
  auto key = Ed25519Key::generate(random).value();
  const Ed25519Seed seed = key.seed();
  const Ed25519Signature signature = key.sign(as_bytes("x"));
  Ed25519Key moved = std::move(key);
  EXPECT_EQ(moved.sign(as_bytes("x")), signature);
  EXPECT_EQ(key.seed(), Ed25519Seed{});  // NOLINT(bugprone-use-after-move): wiped is the point.
  auto assigned = Ed25519Key::generate(random).value();
  assigned = std::move(moved);
  EXPECT_EQ(assigned.sign(as_bytes("x")), signature);
  EXPECT_EQ(assigned.seed(), seed);
}

TEST(Ed25519, APublicKeyThatIsNoPointVerifiesNothing) {
  Ed25519Public bad{};
  bad.fill(0xff);
  EXPECT_FALSE(ed25519_verify(bad, as_bytes("x"), Ed25519Signature{}));
}

}  // namespace
}  // namespace daybook::crypto
