// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/note.h"

#include <algorithm>

#include "daybook/core/utf8.h"

namespace daybook::crypto {
namespace {

// The limits of Go's sumdb/note; what passes there must pass here and the other way round.
constexpr std::size_t kNoteBytesMax = 1'000'000;
constexpr std::size_t kSignaturesMax = 100;
constexpr std::size_t kIdBytes = 4;
constexpr std::string_view kLineStart = "\xe2\x80\x94 ";  // EM DASH, space

bool is_note_bytes(std::string_view bytes) {
  const bool printable = std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n';
  });
  return printable && is_utf8(bytes);
}

Error malformed(std::string_view why) {
  return Error{Errc::invalid, "malformed note: " + std::string(why)};
}

// `line` is without its line feed.
Result<NoteSignature> parse_line(std::string_view line) {
  if (!line.starts_with(kLineStart)) return malformed("signature line without em dash");
  const std::string_view rest = line.substr(kLineStart.size());
  const std::size_t space = rest.find(' ');
  if (space == std::string_view::npos) return malformed("signature line without signature");
  const std::string_view name = rest.substr(0, space);
  if (!is_key_name(name)) return malformed("key name");
  DAYBOOK_ASSIGN_OR_RETURN(Bytes bytes, from_base64(rest.substr(space + 1)));
  if (bytes.size() <= kIdBytes) return malformed("signature too short");
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < kIdBytes; ++i) id = (id << 8U) | bytes[i];
  bytes.erase(bytes.begin(), bytes.begin() + kIdBytes);
  return NoteSignature{std::string(name), id, std::move(bytes), std::string(line)};
}

bool same_key(const NoteSignature& a, std::string_view name, std::uint32_t id) {
  return a.id == id && a.name == name;
}

}  // namespace

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) return malformed("too long");
  if (!is_note_bytes(bytes)) return malformed("control characters or bad UTF-8");
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) return malformed("no blank line");
  Note note;
  note.text = bytes.substr(0, split + 1);
  std::string_view rest = bytes.substr(split + 2);
  if (!rest.ends_with('\n')) return malformed("no signature, or no line feed at the end");
  while (!rest.empty()) {
    if (note.signatures.size() == kSignaturesMax) return malformed("more than 100 signatures");
    const std::size_t end = rest.find('\n');
    DAYBOOK_ASSIGN_OR_RETURN(NoteSignature signature, parse_line(rest.substr(0, end)));
    note.signatures.push_back(std::move(signature));
    rest.remove_prefix(end + 1);
  }
  return note;
}

Result<Note> open_note(std::string_view bytes, const std::vector<NoteVerifier>& known) {
  DAYBOOK_ASSIGN_OR_RETURN(Note parsed, parse_note(bytes));
  Note opened;
  opened.text = std::move(parsed.text);
  for (NoteSignature& signature : parsed.signatures) {
    bool is_known = false;
    bool is_good = false;
    for (const NoteVerifier& verifier : known) {
      if (!same_key(signature, verifier.name(), verifier.id())) continue;
      is_known = true;
      is_good = is_good || verifier.verify(opened.text, signature.signature);
    }
    const bool repeated = std::any_of(opened.signatures.begin(), opened.signatures.end(),
                                      [&](const NoteSignature& earlier) {
                                        return same_key(earlier, signature.name, signature.id);
                                      });
    if (!is_known || repeated) continue;  // Of repeated lines the first one counts.
    if (!is_good) return Error{Errc::denied, "bad signature by known key " + signature.name};
    opened.signatures.push_back(std::move(signature));
  }
  if (opened.signatures.empty()) return Error{Errc::denied, "no signature by a known key"};
  return opened;
}

Result<std::string> sign_note(std::string_view text,
                              const std::vector<const NoteSigner*>& signers) {
  if (!text.ends_with('\n')) return malformed("text without line feed at the end");
  if (!is_note_bytes(text)) return malformed("control characters or bad UTF-8");
  if (signers.empty()) return malformed("no signature");
  if (signers.size() > kSignaturesMax) return malformed("more than 100 signatures");
  std::string note(text);
  note.push_back('\n');
  for (const NoteSigner* signer : signers) note += signer->sign_line(text);
  if (note.size() > kNoteBytesMax) return malformed("too long");
  return note;
}

}  // namespace daybook::crypto
