// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/sha256.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "daybook/core_testing/manual_clock.h"

#include "vectors.h"

namespace daybook::crypto {
namespace {

using testing::SeededRandom;

Bytes random_bytes(SeededRandom& random, std::size_t length) {
  Bytes bytes(length);
  random.fill(bytes);
  return bytes;
}

// FIPS 180-4 examples.
TEST(Sha256, Vectors) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, TransparencyLogVectors) {
  const auto& hash = vectors().at("hash");
  EXPECT_EQ(to_hex(sha256("")), text_of(hash, "empty_root_hex"));
  EXPECT_EQ(to_base64(sha256("")), text_of(hash, "empty_root_b64"));
  EXPECT_EQ(to_hex(sha256(Bytes{0x00})), text_of(hash, "leaf_empty_hex"));
  EXPECT_EQ(to_hex(sha256(Bytes{0x00, 0x00})), text_of(hash, "leaf_00_hex"));
  EXPECT_EQ(to_hex(Sha256().update(std::uint8_t{0}).update("L123456").finish()),
            text_of(hash, "leaf_L123456_hex"));
  EXPECT_EQ(to_hex(Sha256().update(std::uint8_t{1}).update("N123").update("N456").finish()),
            text_of(hash, "node_N123_N456_hex"));
}

TEST(Sha256, AnyPartitionOfTheInputGivesTheOneShotValue) {
  SeededRandom random(1);
  for (int round = 0; round < 300; ++round) {
    const Bytes bytes = random_bytes(random, random.below(400));
    Hash expected{};
    unsigned length = 0;
    ASSERT_EQ(
        EVP_Digest(bytes.data(), bytes.size(), expected.data(), &length, EVP_sha256(), nullptr), 1);
    EXPECT_EQ(sha256(bytes), expected);
    Sha256 pieces;
    for (ByteSpan rest(bytes); !rest.empty();) {
      const std::size_t count = 1 + random.below(rest.size());
      pieces.update(rest.first(count));
      rest = rest.subspan(count);
    }
    EXPECT_EQ(pieces.finish(), expected);
  }
}

TEST(Sha256, CopiesGoTheirOwnWays) {
  Sha256 base;
  base.update("ab");
  Sha256 copy = base;
  EXPECT_EQ(copy.update("c").finish(), sha256("abc"));
  EXPECT_EQ(base.update("d").finish(), sha256("abd"));
}

// RFC 4231.
TEST(Hmac, VectorsOfRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, AgreesWithOpenSslAtEveryKeyLength) {
  SeededRandom random(2);
  for (std::size_t length = 0; length < 140; ++length) {
    const Bytes key = random_bytes(random, length);
    const Bytes message = random_bytes(random, random.below(200));
    Hash expected{};
    unsigned bytes = 0;
    ASSERT_NE(
        HMAC(EVP_sha256(), length == 0 ? "" : static_cast<const void*>(key.data()),
             static_cast<int>(length), message.data(), message.size(), expected.data(), &bytes),
        nullptr);
    EXPECT_EQ(hmac_sha256(key, message), expected) << length;
  }
}

}  // namespace
}  // namespace daybook::crypto
