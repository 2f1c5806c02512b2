// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daybook/query/filter.h"

#include "call.h"

namespace daybook::api {

// The search a request asks for, within its tenant and within what its caller may see.
[[nodiscard]] Answer<query::Search> search_of(const Call& call, query::Endpoint endpoint);

// Sets those bounds on a filter that was put together otherwise: the tenant of the path and what
// the caller may see of it.
void bound_filter(const Call& call, query::Filter& filter);

// A refusal by the search engine: too large a treeSize, or a search that is too much.
[[nodiscard]] HttpError search_error(const Error& error);

}  // namespace daybook::api
