// SPDX-License-Identifier: Apache-2.0
#include "signing_key.h"

#include <algorithm>
#include <charconv>

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

Result<SigningKey> parse_secret(std::string_view text) {
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
  return signing_key(name, *std::move(key));
}

constexpr std::string_view kNextWord = "next ";
constexpr std::string_view kPreviousWord = "previous ";

void put_line(std::string& text, const std::string& before, const SigningKey& key) {
  std::string secret = signer_string(key.signer.name(), key.secret);
  text += before;
  text += secret;
  text += '\n';
  crypto::wipe(secret);
}

std::string turn(std::string_view word, UnixMillis until) {
  return std::string(word) + std::to_string(until) + " ";
}

// `<word><until> <signer>`
Status parse_turn(std::string_view line, std::string_view word, const std::string& name,
                  std::optional<SigningKey>& key, UnixMillis& until) {
  line.remove_prefix(word.size());
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), until);
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (key || failure != std::errc() || !line.starts_with(' ')) return malformed();
  DAYBOOK_ASSIGN_OR_RETURN(auto parsed, parse_secret(line.substr(1)));
  if (parsed.signer.name() != name) return malformed();
  key.emplace(std::move(parsed));
  return {};
}

Result<StoredKeys> parse_keys(std::string_view text) {
  std::size_t end = std::min(text.find('\n'), text.size());
  DAYBOOK_ASSIGN_OR_RETURN(auto current, parse_secret(text.substr(0, end)));
  StoredKeys keys{std::move(current)};
  const std::string name = keys.current.signer.name();
  text.remove_prefix(std::min(end + 1, text.size()));
  while (!text.empty()) {
    end = text.find('\n');
    if (end == std::string_view::npos) return malformed();
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with(kNextWord)) {
      DAYBOOK_RETURN_IF_ERROR(parse_turn(line, kNextWord, name, keys.next, keys.next_until));
    } else if (line.starts_with(kPreviousWord)) {
      DAYBOOK_RETURN_IF_ERROR(
          parse_turn(line, kPreviousWord, name, keys.previous, keys.previous_until));
    } else {
      return malformed();
    }
  }
  return keys;
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
  DAYBOOK_ASSIGN_OR_RETURN(SigningKey key, parse_secret(text));
  return std::move(key.signer);
}

Result<SigningKey> signing_key(const std::string& name, crypto::Ed25519Key key) {
  DAYBOOK_ASSIGN_OR_RETURN(auto twin, crypto::Ed25519Key::from_seed(key.seed()));
  return SigningKey{crypto::NoteSigner(name, std::move(key)), std::move(twin)};
}

Result<StoredKeys> load_keys(FileSystem& fs, const FileSystem::Path& keys_dir) {
  const FileSystem::Path path = keys_dir / kSigningKeyFile;
  DAYBOOK_ASSIGN_OR_RETURN(Bytes bytes, read_file(fs, path, kKeyFileBytesMax));
  auto keys = parse_keys(as_text(bytes));
  wipe_bytes(bytes);
  if (!keys) return Error{keys.error().code, keys.error().context, path.string()};
  return keys;
}

Status store_keys(FileSystem& fs, const FileSystem::Path& keys_dir, const StoredKeys& keys) {
  std::string text;
  text.reserve(kKeyFileBytesMax);  // So that growing leaves no copy behind.
  put_line(text, "", keys.current);
  if (keys.next) put_line(text, turn(kNextWord, keys.next_until), *keys.next);
  if (keys.previous) put_line(text, turn(kPreviousWord, keys.previous_until), *keys.previous);
  // The public half first: a crash in between is made good when the rotation is finished.
  const std::string vkey = keys.current.signer.verifier().vkey() + "\n";
  Status stored = write_file_atomic(fs, keys_dir / kVerifierKeyFile, as_bytes(vkey));
  if (stored) stored = write_file_atomic(fs, keys_dir / kSigningKeyFile, as_bytes(text));
  crypto::wipe(text);
  return stored;
}

Result<crypto::NoteSigner> load_signing_key(FileSystem& fs, const FileSystem::Path& keys_dir) {
  DAYBOOK_ASSIGN_OR_RETURN(StoredKeys keys, load_keys(fs, keys_dir));
  return std::move(keys.current.signer);
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
