// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daybook/evidence/selection.h"
#include "daybook/ledger/reader.h"
#include "daybook/query/filter.h"

#include "answer.h"
#include "call.h"

namespace daybook::api {

// Items one file of evidence may have; a page, which a browser holds as a document, fewer.
constexpr std::uint64_t kEvidenceItemsMax = 10'000;
constexpr std::uint64_t kEvidencePageItemsMax = 1'000;

// What evidence is asked for.
struct EvidenceRequest {
  std::string filters;  // As sent.
  query::Filter filter;
  bool complete = false;
  std::optional<std::uint64_t> from;  // Indexes; `to` is exclusive.
  std::optional<std::uint64_t> to;
  std::optional<std::uint64_t> tree_size;  // Of a published checkpoint.
  std::optional<std::uint64_t> since;      // Size of an earlier one, for a consistency proof.
  evidence::Shown shown;                   // The event part always is.
  bool html = false;

  [[nodiscard]] std::uint64_t items_max() const {
    return html ? kEvidencePageItemsMax : kEvidenceItemsMax;
  }
};

// GET …/{id}/evidence. The entry must be there and visible.
Answer<EvidenceRequest> evidence_of_path(const Call& call);
// POST …/evidence.
net::Task<Answer<EvidenceRequest>> evidence_of_body(Call& call);

}  // namespace daybook::api
