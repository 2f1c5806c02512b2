// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/crypto/ed25519.h"

namespace daybook::crypto {

// Signed notes, C2SP signed-note v1.0.0 (the format of Go's sumdb/note).

// Non-empty, valid UTF-8, no Unicode space, no '+'.
[[nodiscard]] bool is_key_name(std::string_view name);

// First four bytes, big-endian, of SHA-256(name || LF || type || public key).
[[nodiscard]] std::uint32_t key_id(std::string_view name, std::uint8_t type, ByteSpan public_key);

constexpr std::uint8_t kNoteEd25519 = 0x01;
constexpr std::uint8_t kNoteCosignatureV1 = 0x04;

// A public key with its name. Text form: `<name>+<8 hex id>+<base64(type || key)>`.
class NoteVerifier {
 public:
  // Errc::invalid if malformed or the id does not match; Errc::unsupported for other key types.
  static Result<NoteVerifier> parse(std::string_view vkey);
  NoteVerifier(std::string name, const Ed25519Public& key, std::uint8_t type = kNoteEd25519);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] std::uint8_t type() const { return type_; }
  [[nodiscard]] std::string vkey() const;
  // `signature` is what follows the four id bytes. For cosignatures the time is part of it.
  [[nodiscard]] bool verify(std::string_view text, ByteSpan signature) const;

 private:
  std::string name_;
  Ed25519Public key_{};
  std::uint8_t type_ = kNoteEd25519;
  std::uint32_t id_ = 0;
};

// A private key with its name.
class NoteSigner {
 public:
  NoteSigner(std::string name, Ed25519Key key);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] NoteVerifier verifier() const;
  // The signature line with its line feed: `<em dash> <name> <base64(id || signature)>\n`.
  [[nodiscard]] std::string sign_line(std::string_view text) const;

 private:
  std::string name_;
  Ed25519Key key_;
};

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  Bytes signature;   // Without the id.
  std::string line;  // As it stands in the note, without line feed.
};

struct Note {
  std::string text;  // Ends with a line feed; exactly what is signed.
  std::vector<NoteSignature> signatures;
};

// Splits and checks the form only. Errc::invalid.
Result<Note> parse_note(std::string_view bytes);

// Opens a note: at least one signature by a known key; a bad signature by a known key refuses the
// whole note (Errc::denied). Returns the text and the verified signatures only.
Result<Note> open_note(std::string_view bytes, const std::vector<NoteVerifier>& known);

// text || LF || one line a signer. `text` must be valid note text.
Result<std::string> sign_note(std::string_view text, const std::vector<const NoteSigner*>& signers);

}  // namespace daybook::crypto
