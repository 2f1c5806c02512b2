// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/ed25519.h"

#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "daybook/core/check.h"

namespace daybook::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

EVP_PKEY* as_key(void* key) {
  return static_cast<EVP_PKEY*>(key);
}

}  // namespace

Result<Ed25519Key> Ed25519Key::from_seed(const Ed25519Seed& seed) {
  Ed25519Key key;
  key.key_ = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  if (key.key_ == nullptr) return Error{Errc::unavailable, "OpenSSL refuses an Ed25519 key"};
  std::size_t length = key.public_.size();
  if (EVP_PKEY_get_raw_public_key(as_key(key.key_), key.public_.data(), &length) != 1 ||
      length != key.public_.size()) {
    return Error{Errc::unavailable, "OpenSSL gives no Ed25519 public key"};
  }
  key.seed_ = seed;
  return key;
}

Result<Ed25519Key> Ed25519Key::generate(Random& random) {
  Ed25519Seed seed{};
  random.fill(seed);
  auto key = from_seed(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

Ed25519Key::Ed25519Key(Ed25519Key&& other) noexcept
    : seed_(other.seed_), public_(other.public_), key_(std::exchange(other.key_, nullptr)) {
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
}

Ed25519Key& Ed25519Key::operator=(Ed25519Key&& other) noexcept {
  if (this != &other) {
    EVP_PKEY_free(as_key(key_));
    key_ = std::exchange(other.key_, nullptr);
    seed_ = other.seed_;
    public_ = other.public_;
    OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
  }
  return *this;
}

Ed25519Key::~Ed25519Key() {
  EVP_PKEY_free(as_key(key_));  // Wipes its own copy.
  OPENSSL_cleanse(seed_.data(), seed_.size());
}

Ed25519Signature Ed25519Key::sign(ByteSpan message) const {
  Ed25519Signature signature{};
  std::size_t length = signature.size();
  const Context context(EVP_MD_CTX_new());
  DAYBOOK_CHECK(key_ != nullptr);  // Moved-from keys cannot sign.
  DAYBOOK_CHECK(context != nullptr);
  DAYBOOK_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, as_key(key_)) == 1);
  DAYBOOK_CHECK(EVP_DigestSign(context.get(), signature.data(), &length, message.data(),
                               message.size()) == 1);
  DAYBOOK_CHECK(length == signature.size());
  return signature;
}

bool ed25519_verify(const Ed25519Public& key, ByteSpan message, const Ed25519Signature& signature) {
  const std::unique_ptr<EVP_PKEY, FreeKey> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  if (pkey == nullptr || context == nullptr) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace daybook::crypto
