// SPDX-License-Identifier: Apache-2.0
// What the ledger does when the disk is full, and when space returns. All on the writer's thread.
#include "daybook/core/diagnostics.h"

#include "draft.h"
#include "ledger_impl.h"
#include "own_event.h"

namespace daybook::ledger {

namespace {
constexpr std::int64_t kLookEveryMs = 1'000;
}  // namespace

// At the start: space for a last entry, or the disk is full already.
void LedgerImpl::take_reserve() {
  const Status held = reserve_.hold();
  if (held || held.error().code != Errc::exhausted) return;
  // Without an entry: nobody observes yet, and there is no reserve that would make room for it.
  begin_full();
}

void LedgerImpl::begin_full() {
  full_since_ = clock_.now();
  refused_batches_ = 0;
  next_look_ms_ = clock_.steady_ms() + kLookEveryMs;
  metrics_.disk_full.set(1);
  diagnose(Severity::error, "ledger", "the disk is full: no entries are taken until space returns");
}

// The reserve makes room for the entry that says so. Nothing else is taken from now on.
void LedgerImpl::disk_is_full() {
  if (!reserve_.enabled() || full_since_) return;
  begin_full();
  reserve_.release();
  note("DISK_FULL", record::Json{{"treeSize", store_->size().value()}});
}

// Before each group: once a second the reserve is tried to be taken again.
void LedgerImpl::look_for_space() {
  if (!full_since_) return;
  const std::int64_t now = clock_.steady_ms();
  if (now < next_look_ms_) return;
  next_look_ms_ = now + kLookEveryMs;
  if (!reserve_.hold()) return;
  const UnixMillis since = *full_since_;
  full_since_.reset();
  metrics_.disk_full.set(0);
  diagnose(Severity::info, "ledger", "space has returned");
  note("DISK_FREE",
       record::Json{{"fullSince", format_time(since)}, {"refusedBatches", refused_batches_}});
}

// An entry of its own, as a group of its own. Best effort: what cannot be written is diagnosed.
void LedgerImpl::note(std::string_view action, record::Json detail) {
  std::vector<Draft> batch;
  batch.push_back(prepare(own_event(action, std::move(detail), clock_, random_), {}, random_));
  GroupBuilder builder(*store_, journal_->position().entries);
  const auto added = builder.add(batch);
  const Status written = added ? write_group(builder) : Status(added.error());
  if (written) {
    show_group(builder);
  } else {
    diagnose(Severity::error, "ledger",
             std::string(action) + " was not recorded: " + written.error().context);
  }
}

}  // namespace daybook::ledger
