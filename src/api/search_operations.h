// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daybook/query/filter.h"

#include "call.h"

namespace daybook::api {

// The search a request asks for, within its tenant and within what its caller may see.
[[nodiscard]] Answer<query::Search> search_of(const Call& call, query::Endpoint endpoint);

// Adds those bounds to a search that was put together otherwise.
void bound_search(const Call& call, query::Search& search);

// A refusal by the search engine: too large a treeSize, or a search that is too much.
[[nodiscard]] HttpError search_error(const Error& error);

}  // namespace daybook::api
