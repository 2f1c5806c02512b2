// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/ledger/reader.h"
#include "daybook/record/event.h"
#include "daybook/record/row.h"

#include "answer.h"
#include "call.h"

namespace daybook::api {

// An entry as it is shown: the event it holds and what the ledger knows about it.
struct ShownEntry {
  record::Event event;
  record::EntryFacts facts;
};

// Turns stored entries into shown ones; one for each answer, so that all its rows speak of the same
// checkpoint.
class RowReader {
 public:
  explicit RowReader(const ledger::Reader& reader)
      : reader_(reader), sealed_(reader.latest_checkpoint().size) {}
  [[nodiscard]] Result<ShownEntry> read(EntryIndex index) const;
  [[nodiscard]] Result<ShownEntry> show(const ledger::StoredEntry& entry) const;
  // The row of the REST API.
  [[nodiscard]] Result<record::Json> row(EntryIndex index, bool expand) const;

 private:
  const ledger::Reader& reader_;
  TreeSize sealed_;
};

// The entry the path names, if it is there and the caller may see it; else 404, all the same.
[[nodiscard]] Answer<ledger::StoredEntry> entry_of_path(const Call& call);

// Parts of an entry that are shown; of the others their commitments are.
struct ShownParts {
  bool event = true;
  bool actor = true;
  bool change = true;
};

// `{"id","index","origin","leaf","leafHash","parts"}`: an entry with everything that is needed to
// recompute its leaf. Salts only, never the seed; no `id` without the event part.
[[nodiscard]] record::Json disclosed_entry(const ledger::StoredEntry& entry,
                                           const std::string& origin, ShownParts shown = {});

}  // namespace daybook::api
