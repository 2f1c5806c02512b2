// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daybook/kestra/rules.h"

#include "bodies.h"
#include "rule.h"

namespace daybook::kestra {

// A finished request and what is known of it, while it is interpreted.
struct Finished {
  const Rule& rule;
  const RequestView& request;
  const Classification& what;
  const Captured& captured;
  const Bodies& bodies;
};

// At most this many objects of one bulk request get an entry of their own.
inline constexpr std::size_t kTouchedMax = 10'000;

// Fills in touched objects and count of a bulk request.
void interpret_bulk(const Finished& finished, Interpretation& out);

// The one object of any other request: documents and what follows from them. `out.detail` and
// `out.action` are complete before.
[[nodiscard]] Touched touched_object(const Finished& finished, Interpretation& out);

// The request body for Level::body. nullopt: none was kept, it is private, or no text.
[[nodiscard]] std::optional<std::string> body_excerpt(const Finished& finished);

// Message of an error answer without what the request gave away in confidence.
[[nodiscard]] std::optional<std::string> error_message(const Finished& finished);

}  // namespace daybook::kestra
