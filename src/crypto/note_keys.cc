// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "daybook/core/check.h"
#include "daybook/core/utf8.h"
#include "daybook/crypto/note.h"
#include "daybook/crypto/sha256.h"

namespace daybook::crypto {
namespace {

constexpr std::size_t kTimeBytes = 8;               // Before the signature proper of a cosignature.
constexpr std::string_view kDash = "\xe2\x80\x94";  // U+2014

// White_Space of Unicode (PropList.txt), which Go's unicode.IsSpace follows; as UTF-8.
constexpr std::array<std::string_view, 25> kSpaces = {
    "\t",           "\n",           "\v",           "\f",           "\r",           " ",
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
    "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
    "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
    "\xe3\x80\x80"};

void put_id(Bytes& out, std::uint32_t id) {
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(id >> (shift - 8)));
  }
}

Result<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  // from_chars takes upper-case digits too, as Go does, but no sign and no prefix.
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (text.size() != 8 || failure != std::errc() || end != text.data() + text.size()) {
    return Error{Errc::invalid, "a key id has eight hex digits"};
  }
  return id;
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || !is_utf8(name) || name.find('+') != std::string_view::npos) return false;
  return std::none_of(kSpaces.begin(), kSpaces.end(), [&](std::string_view space) {
    return name.find(space) != std::string_view::npos;
  });
}

std::uint32_t key_id(std::string_view name, std::uint8_t type, ByteSpan public_key) {
  const Hash hash = Sha256().update(name).update("\n").update(type).update(public_key).finish();
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = (id << 8U) | hash[i];
  return id;
}

NoteVerifier::NoteVerifier(std::string name, const Ed25519Public& key, std::uint8_t type)
    : name_(std::move(name)), key_(key), type_(type), id_(key_id(name_, type, key)) {
  DAYBOOK_CHECK(is_key_name(name_));
  DAYBOOK_CHECK(type == kNoteEd25519 || type == kNoteCosignatureV1);
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view vkey) {
  const std::size_t first = vkey.find('+');
  if (first == std::string_view::npos) return Error{Errc::invalid, "verifier key without '+'"};
  const std::size_t second = vkey.find('+', first + 1);
  if (second == std::string_view::npos) return Error{Errc::invalid, "verifier key without key"};
  const std::string_view name = vkey.substr(0, first);
  if (!is_key_name(name)) return Error{Errc::invalid, "verifier key with a malformed name"};
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint32_t id,
                           parse_id(vkey.substr(first + 1, second - first - 1)));
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes bytes, from_base64(vkey.substr(second + 1)));
  if (bytes.empty()) return Error{Errc::invalid, "verifier key is empty"};
  const std::uint8_t type = bytes[0];
  const ByteSpan key_bytes = ByteSpan(bytes).subspan(1);
  if (id != key_id(name, type, key_bytes)) {
    return Error{Errc::invalid, "verifier key does not match its id"};
  }
  if (type != kNoteEd25519 && type != kNoteCosignatureV1) {
    return Error{Errc::unsupported, "verifier key of an unknown type"};
  }
  Ed25519Public key{};
  if (key_bytes.size() != key.size()) return Error{Errc::invalid, "verifier key of wrong length"};
  std::copy(key_bytes.begin(), key_bytes.end(), key.begin());
  return NoteVerifier(std::string(name), key, type);
}

std::string NoteVerifier::vkey() const {
  Bytes bytes{type_};
  bytes.insert(bytes.end(), key_.begin(), key_.end());
  return fmt::format("{}+{:08x}+{}", name_, id_, to_base64(bytes));
}

bool NoteVerifier::verify(std::string_view text, ByteSpan signature) const {
  std::string message;
  if (type_ == kNoteCosignatureV1) {
    if (signature.size() < kTimeBytes) return false;
    std::uint64_t time = 0;
    for (std::size_t i = 0; i < kTimeBytes; ++i) time = (time << 8U) | signature[i];
    if (time >> 63U != 0) return false;  // The specification allows up to 2^63-1.
    message = fmt::format("cosignature/v1\ntime {}\n", time);
    signature = signature.subspan(kTimeBytes);
  }
  message += text;
  Ed25519Signature fixed{};
  if (signature.size() != fixed.size()) return false;
  std::copy(signature.begin(), signature.end(), fixed.begin());
  return ed25519_verify(key_, as_bytes(message), fixed);
}

NoteSigner::NoteSigner(std::string name, Ed25519Key key)
    : name_(std::move(name)), key_(std::move(key)) {
  DAYBOOK_CHECK(is_key_name(name_));
}

NoteVerifier NoteSigner::verifier() const {
  return {name_, key_.public_key()};
}

std::string NoteSigner::sign_line(std::string_view text) const {
  Bytes bytes;
  put_id(bytes, key_id(name_, kNoteEd25519, key_.public_key()));
  const Ed25519Signature signature = key_.sign(as_bytes(text));
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return fmt::format("{} {} {}\n", kDash, name_, to_base64(bytes));
}

}  // namespace daybook::crypto
