// SPDX-License-Identifier: Apache-2.0
#include "group_builder.h"

#include <algorithm>

#include "draft.h"
#include "journal_format.h"

namespace daybook::ledger {

namespace {

// Content sent by a caller is compared as sent; an event that daybook made itself has none and is
// the same only if all of it is the same.
bool same_as_stored(const Draft& draft, const Store::Named& stored) {
  const Hash digest = content_digest(stored.entry.seed, draft.content);
  if (!std::equal(stored.tag.begin(), stored.tag.end(), digest.begin())) return false;
  return !draft.content.empty() || draft.parts.bytes == stored.entry.parts.bytes;
}

bool same_as_draft(const Draft& a, const Draft& b) {
  if (a.content != b.content) return false;
  return !a.content.empty() || a.parts.bytes == b.parts.bytes;
}

Error differs() {
  return Error{Errc::exists, "an entry of that id exists with other content"};
}

}  // namespace

std::uint64_t draft_bytes(const Draft& draft) {
  return record_bytes(draft.parts) + draft.content.size();
}

Result<Appended> GroupBuilder::add(std::vector<Draft>& batch) {
  const std::size_t fresh_before = fresh_.size();
  const std::uint64_t bytes_before = payload_bytes_;
  auto appended = resolve(batch);
  if (!appended) roll_back(fresh_before, bytes_before);
  return appended;
}

Result<Appended> GroupBuilder::resolve(std::vector<Draft>& batch) {
  Appended appended;
  appended.receipts.reserve(batch.size());
  for (std::size_t position = 0; position < batch.size(); ++position) {
    Draft& draft = batch[position];
    auto repeat = repeat_of(draft);
    if (!repeat) {
      Error error = std::move(repeat).error();
      if (error.code == Errc::exists) error.offset = position;
      return error;
    }
    if (*repeat) {
      appended.receipts.push_back(**repeat);
      continue;
    }
    const std::uint64_t bytes = record_bytes(draft.parts);
    if (bytes > kRecordBytesMax || payload_bytes_ + bytes > kPayloadBytesMax) {
      return Error{Errc::exhausted, "too large for one group", {}, position};
    }
    const EntryIndex index(first_ + fresh_.size());
    in_group_.emplace(draft.key, fresh_.size());
    fresh_.push_back(&draft);
    leaves_.push_back(record::leaf_hash(draft.commitments));
    payload_bytes_ += bytes;
    appended.created += 1;
    if (!appended.first) appended.first = index;
    appended.receipts.push_back({index, leaves_.back(), false});
  }
  // Of this group so far; past every index above.
  appended.tree_size = TreeSize(first_ + fresh_.size());
  return appended;
}

Result<std::optional<Receipt>> GroupBuilder::repeat_of(const Draft& draft) const {
  if (const auto found = in_group_.find(draft.key); found != in_group_.end()) {
    if (!same_as_draft(draft, *fresh_[found->second])) return differs();
    return std::optional<Receipt>(
        Receipt{EntryIndex(first_ + found->second), leaves_[found->second], true});
  }
  DAYBOOK_ASSIGN_OR_RETURN(const auto stored, store_.find_record(draft.key));
  if (!stored) return std::optional<Receipt>{};
  if (stored->entry.erased != 0) {
    return Error{Errc::exists, "an entry of that id was erased", "erased"};
  }
  if (!same_as_stored(draft, *stored)) return differs();
  return std::optional<Receipt>(Receipt{stored->entry.index, stored->entry.leaf_hash(), true});
}

void GroupBuilder::roll_back(std::size_t fresh_count, std::uint64_t payload_bytes) {
  for (std::size_t n = fresh_count; n < fresh_.size(); ++n) in_group_.erase(fresh_[n]->key);
  fresh_.resize(fresh_count);
  leaves_.resize(fresh_count);
  payload_bytes_ = payload_bytes;
}

}  // namespace daybook::ledger
