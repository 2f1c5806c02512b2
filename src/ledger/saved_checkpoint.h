// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/crypto/note.h"
#include "daybook/ledger/checkpoint.h"
#include "daybook/ledger/merkle.h"

namespace daybook::ledger {

// A signed checkpoint that an auditor kept, held against the leaves of a ledger as they are read.
class SavedCheckpoint {
 public:
  SavedCheckpoint(std::string_view note, const std::vector<crypto::NoteVerifier>& keys);

  void append(const Hash& leaf);
  // Of 2^level leaves, all below its size.
  void append_subtree(unsigned level, const Hash& root) { range_.append_subtree(level, root); }
  // 0 if it could not be opened.
  [[nodiscard]] std::uint64_t size() const { return checkpoint_ ? checkpoint_->size.value() : 0; }
  // Its size if the ledger holds what it says; else nullopt, and what() tells why.
  std::optional<std::uint64_t> anchored_to(std::string_view origin);
  [[nodiscard]] const std::string& what() const { return what_; }
  // How failures name it: it is no file of the ledger.
  [[nodiscard]] static std::string name() { return "saved checkpoint"; }

 private:
  std::optional<Checkpoint> checkpoint_;
  CompactRange range_;  // Up to its size.
  std::string what_;
};

[[nodiscard]] std::vector<crypto::NoteVerifier> verifiers_of(const std::vector<std::string>& vkeys);

}  // namespace daybook::ledger
