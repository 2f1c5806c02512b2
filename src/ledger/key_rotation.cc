// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/key_rotation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "daybook/core/bytes.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kHead = "daybook key rotation 1";
constexpr std::size_t kLines = 5;

Error malformed() {
  return Error{Errc::invalid, "malformed statement of a key rotation"};
}

std::optional<std::array<std::string, kLines>> split(std::string_view text) {
  std::array<std::string, kLines> lines;
  for (std::string& line : lines) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (!text.empty()) return std::nullopt;
  return lines;
}

std::string text_of(const KeyRotation& rotation) {
  return std::string(kHead) + "\n" + rotation.origin + "\n" + rotation.old_key + "\n" +
         rotation.new_key + "\n" + std::to_string(rotation.at) + "\n";
}

bool holds(const std::vector<crypto::NoteVerifier>& keys, const std::string& vkey) {
  return std::ranges::any_of(
      keys, [&vkey](const crypto::NoteVerifier& key) { return key.vkey() == vkey; });
}

}  // namespace

Result<std::string> sign_rotation(const KeyRotation& rotation, const crypto::NoteSigner& old_key,
                                  const crypto::NoteSigner& new_key) {
  return crypto::sign_note(text_of(rotation), {&new_key, &old_key});
}

Result<KeyRotation> open_rotation(std::string_view note) {
  DAYBOOK_ASSIGN_OR_RETURN(const crypto::Note parsed, crypto::parse_note(note));
  const auto lines = split(parsed.text);
  if (!lines || lines->front() != kHead) return malformed();
  KeyRotation out{(*lines)[1], (*lines)[2], (*lines)[3], 0};
  const std::string& time = lines->back();
  const auto [end, failure] = std::from_chars(time.data(), time.data() + time.size(), out.at);
  if (failure != std::errc() || text_of(out) != parsed.text) return malformed();
  for (const std::string& vkey : {out.old_key, out.new_key}) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto key, crypto::NoteVerifier::parse(vkey));
    if (key.name() != out.origin || key.type() != crypto::kNoteEd25519) return malformed();
    DAYBOOK_ASSIGN_OR_RETURN(const auto opened, crypto::open_note(note, {key}));
  }
  return out;
}

std::vector<crypto::NoteVerifier> with_successors(std::vector<crypto::NoteVerifier> trusted,
                                                  const std::vector<std::string>& statements) {
  for (const std::string& statement : statements) {
    const auto rotation = open_rotation(statement);
    if (!rotation || !holds(trusted, rotation->old_key) || holds(trusted, rotation->new_key)) {
      continue;
    }
    if (auto key = crypto::NoteVerifier::parse(rotation->new_key)) {
      trusted.push_back(*std::move(key));
    }
  }
  return trusted;
}

std::string rotations_text(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += to_base64(as_bytes(statement)) + "\n";
  return text;
}

}  // namespace daybook::ledger
