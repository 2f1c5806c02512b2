// SPDX-License-Identifier: Apache-2.0
#include "signing_key.h"

#include <algorithm>

#include "daybook/crypto/password.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kPrefix = "PRIVATE+KEY+";
constexpr std::uint64_t kKeyFileBytesMax = 4096;

Error malformed() {
  return Error{Errc::invalid, "the ledger's signing key is malformed"};
}

void wipe_bytes(Bytes& bytes) {
  std::string text(bytes.size(), '\0');
  // crypto::wipe works on text; swapping the content in keeps one implementation of it.
  std::copy(bytes.begin(), bytes.end(), text.begin());
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  crypto::wipe(text);
}

std::string hex_id(std::uint32_t id) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(id >> static_cast<unsigned>(shift)));
  }
  return to_hex(bytes);
}

}  // namespace

std::string signer_string(const std::string& name, const crypto::Ed25519Key& key) {
  Bytes secret{crypto::kNoteEd25519};
  secret.insert(secret.end(), key.seed().begin(), key.seed().end());
  std::string text(kPrefix);
  text += name + "+" + hex_id(crypto::key_id(name, crypto::kNoteEd25519, key.public_key())) + "+" +
          to_base64(secret);
  wipe_bytes(secret);
  return text;
}

Result<crypto::NoteSigner> parse_signer_string(std::string_view text) {
  if (!text.starts_with(kPrefix)) return malformed();
  text.remove_prefix(kPrefix.size());
  const std::size_t name_end = text.find('+');
  if (name_end == std::string_view::npos) return malformed();
  const std::string name(text.substr(0, name_end));
  text.remove_prefix(name_end + 1);
  const std::size_t id_end = text.find('+');
  if (id_end == std::string_view::npos || !crypto::is_key_name(name)) return malformed();
  const std::string_view id = text.substr(0, id_end);
  auto secret = from_base64(text.substr(id_end + 1));
  if (!secret) return malformed();
  crypto::Ed25519Seed seed{};
  const bool fits = secret->size() == seed.size() + 1 && secret->front() == crypto::kNoteEd25519;
  if (fits) std::copy(secret->begin() + 1, secret->end(), seed.begin());
  wipe_bytes(*secret);
  if (!fits) return malformed();
  auto key = crypto::Ed25519Key::from_seed(seed);
  seed.fill(0);
  if (!key || hex_id(crypto::key_id(name, crypto::kNoteEd25519, key->public_key())) != id) {
    return malformed();
  }
  return crypto::NoteSigner(name, *std::move(key));
}

Result<crypto::NoteSigner> load_signing_key(FileSystem& fs, const FileSystem::Path& keys_dir) {
  const FileSystem::Path path = keys_dir / kSigningKeyFile;
  DAYBOOK_ASSIGN_OR_RETURN(Bytes bytes, read_file(fs, path, kKeyFileBytesMax));
  std::string_view line = as_text(bytes);
  if (line.ends_with('\n')) line.remove_suffix(1);
  auto signer = parse_signer_string(line);
  wipe_bytes(bytes);
  if (!signer) return Error{signer.error().code, signer.error().context, path.string()};
  return signer;
}

Result<crypto::NoteSigner> create_signing_key(FileSystem& fs, const FileSystem::Path& keys_dir,
                                              const std::string& name, Random& random) {
  const FileSystem::Path path = keys_dir / kSigningKeyFile;
  DAYBOOK_RETURN_IF_ERROR(fs.make_dir(keys_dir));
  DAYBOOK_ASSIGN_OR_RETURN(const bool present, fs.exists(path));
  if (present) return Error{Errc::exists, "there is a signing key already", path.string()};
  DAYBOOK_ASSIGN_OR_RETURN(crypto::Ed25519Key key, crypto::Ed25519Key::generate(random));
  std::string line = signer_string(name, key) + "\n";
  const Status stored = write_file_atomic(fs, path, as_bytes(line));
  crypto::wipe(line);
  if (!stored) return stored.error();
  crypto::NoteSigner signer(name, std::move(key));
  const std::string vkey = signer.verifier().vkey() + "\n";
  DAYBOOK_RETURN_IF_ERROR(write_file_atomic(fs, keys_dir / kVerifierKeyFile, as_bytes(vkey)));
  return signer;
}

}  // namespace daybook::ledger
