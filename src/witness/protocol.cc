// SPDX-License-Identifier: Apache-2.0
#include "protocol.h"

#include <charconv>

#include "daybook/core/bytes.h"

namespace daybook::witness {
namespace {

constexpr std::size_t kTimeBytes = 8;

}  // namespace

std::string add_checkpoint_body(std::uint64_t old_size, const std::vector<Hash>& proof,
                                std::string_view note) {
  std::string body = "old " + std::to_string(old_size) + "\n";
  for (const Hash& hash : proof) body += to_base64(hash) + "\n";
  body += "\n";
  body += note;
  return body;
}

Result<std::uint64_t> parse_known_size(std::string_view body) {
  if (body.ends_with('\n')) body.remove_suffix(1);
  std::uint64_t size = 0;
  const auto [end, failure] = std::from_chars(body.data(), body.data() + body.size(), size);
  if (failure != std::errc() || end != body.data() + body.size() || size > INT64_MAX) {
    return Error{Errc::invalid, "its answer names no size"};
  }
  return size;
}

Result<Cosignature> accept_cosignature(std::string_view body, std::string_view checkpoint_text,
                                       const crypto::NoteVerifier& witness) {
  const std::string note = std::string(checkpoint_text) + "\n" + std::string(body);
  DAYBOOK_ASSIGN_OR_RETURN(const crypto::Note opened, crypto::open_note(note, {witness}));
  // The text must not have swallowed lines of the answer.
  if (opened.text != checkpoint_text) return Error{Errc::denied, "its answer is no signature"};
  const crypto::NoteSignature& signature = opened.signatures.front();
  Cosignature out{signature.line, 0};
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    out.time_s = (out.time_s << 8U) | signature.signature.at(i);
  }
  return out;
}

std::string with_line(std::string_view note, std::string_view line) {
  return std::string(note) + std::string(line) + "\n";
}

}  // namespace daybook::witness
