// SPDX-License-Identifier: Apache-2.0
#include "saved_checkpoint.h"

namespace daybook::ledger {

SavedCheckpoint::SavedCheckpoint(std::string_view note,
                                 const std::vector<crypto::NoteVerifier>& keys) {
  auto opened = open_checkpoint(note, keys);
  if (opened) {
    checkpoint_ = *std::move(opened);
  } else {
    what_ = opened.error().context;
  }
}

void SavedCheckpoint::append(const Hash& leaf) {
  if (checkpoint_ && range_.size() < checkpoint_->size.value()) range_.append(leaf);
}

std::optional<std::uint64_t> SavedCheckpoint::anchored_to(std::string_view origin) {
  if (!checkpoint_) return std::nullopt;
  if (checkpoint_->origin != origin) {
    what_ = "checkpoint of another origin";
  } else if (range_.size() < checkpoint_->size.value()) {
    what_ = "the ledger is shorter than this checkpoint: entries are gone";
  } else if (range_.root() != checkpoint_->root) {
    what_ = "the ledger contradicts this checkpoint: history was rewritten";
  } else {
    return checkpoint_->size.value();
  }
  return std::nullopt;
}

std::vector<crypto::NoteVerifier> verifiers_of(const std::vector<std::string>& vkeys) {
  std::vector<crypto::NoteVerifier> verifiers;
  for (const std::string& vkey : vkeys) {
    if (auto verifier = crypto::NoteVerifier::parse(vkey))
      verifiers.push_back(*std::move(verifier));
  }
  return verifiers;
}

}  // namespace daybook::ledger
