// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daybook/ledger/reader.h"

#include "answer.h"
#include "call.h"

namespace daybook::api {

// The checkpoint that a proof of the first `covered` entries leads to: the one of size `named` if
// one is named (404 if none was published or it is too small), else the latest that covers them,
// published at once if there is none yet.
net::Task<Answer<ledger::PublishedCheckpoint>> covering_checkpoint(
    Call& call, TreeSize covered, std::optional<std::uint64_t> named);

// The checkpoint's signed note, with the cosignatures there are of it.
[[nodiscard]] std::string shown_note(const Services& services,
                                     const ledger::PublishedCheckpoint& checkpoint);

// `{"treeSize","rootHash","hashes"}`: the inclusion proof of an entry in the checkpoint's tree.
[[nodiscard]] Answer<record::Json> inclusion_json(const ledger::Reader& reader, EntryIndex index,
                                                  const ledger::PublishedCheckpoint& checkpoint);

// `{"from","fromRoot","hashes"}`: that the tree of `to` extends that of `from`.
[[nodiscard]] Answer<record::Json> consistency_json(const ledger::Reader& reader, TreeSize from,
                                                    TreeSize to);

}  // namespace daybook::api
