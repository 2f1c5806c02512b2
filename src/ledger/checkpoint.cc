// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "daybook/core/bytes.h"

namespace daybook::ledger {

namespace {

constexpr std::uint64_t kSizeMax = std::numeric_limits<std::int64_t>::max();

Error malformed(const char* what) {
  return Error{Errc::invalid, what};
}

// Takes a line off the front, without its line feed. nullopt at the end or without a line feed.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value > kSizeMax ||
      (text.size() > 1 && text.front() == '0')) {
    return malformed("checkpoint: the size is not a decimal number below 2^63");
  }
  return value;
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size.value()) + "\n" +
         to_base64(checkpoint.root) + "\n";
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
  Checkpoint checkpoint;
  const auto origin = take_line(text);
  if (!origin || origin->empty()) {
    return malformed("checkpoint: no origin");
  }
  checkpoint.origin = *origin;
  const auto size = take_line(text);
  if (!size) {
    return malformed("checkpoint: no size");
  }
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t value, parse_size(*size));
  checkpoint.size = TreeSize(value);
  const auto root = take_line(text);
  if (!root) {
    return malformed("checkpoint: no root");
  }
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes hash, from_base64(*root));
  if (hash.size() != checkpoint.root.size()) {
    return malformed("checkpoint: the root is not 32 bytes");
  }
  std::copy(hash.begin(), hash.end(), checkpoint.root.begin());
  while (!text.empty()) {
    const auto extension = take_line(text);
    if (!extension || extension->empty()) {
      return malformed("checkpoint: empty or unended extension line");
    }
    checkpoint.extensions.emplace_back(*extension);
  }
  return checkpoint;
}

Result<Checkpoint> open_checkpoint(std::string_view note,
                                   const std::vector<crypto::NoteVerifier>& keys) {
  DAYBOOK_ASSIGN_OR_RETURN(const crypto::Note opened, crypto::open_note(note, keys));
  DAYBOOK_ASSIGN_OR_RETURN(Checkpoint checkpoint, parse_checkpoint_text(opened.text));
  const bool by_the_log = std::any_of(
      opened.signatures.begin(), opened.signatures.end(),
      [&](const crypto::NoteSignature& signature) { return signature.name == checkpoint.origin; });
  if (!by_the_log) {
    return Error{Errc::denied, "checkpoint: the origin is not the name of a key that signed it"};
  }
  return checkpoint;
}

std::string tlog_proof_text(EntryIndex index, const std::vector<Hash>& hashes,
                            std::string_view signed_checkpoint) {
  std::string text = "c2sp.org/tlog-proof@v1\nindex " + std::to_string(index.value()) + "\n";
  for (const Hash& hash : hashes) {
    text += to_base64(hash) + "\n";
  }
  text += "\n";
  text += signed_checkpoint;
  return text;
}

}  // namespace daybook::ledger
