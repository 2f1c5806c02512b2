// SPDX-License-Identifier: Apache-2.0
#include "search_operations.h"

#include <utility>

#include "operations.h"
#include "read_events.h"
#include "rows.h"

namespace daybook::api {
namespace {

using record::Json;

Answer<Json> find_page(const Call& call) {
  const Answer<query::Search> search = search_of(call, query::Endpoint::search);
  if (!search) {
    return tl::unexpected(search.error());
  }
  const Result<search::Page> page = call.services.parts.search.search(*search);
  if (!page) {
    return tl::unexpected(search_error(page.error()));
  }
  const RowReader rows(call.services.reader());
  Json results = Json::array();
  for (const EntryIndex index : page->entries) {
    Result<Json> row = rows.row(index, search->expand);
    if (!row) {
      return tl::unexpected(http_error(row.error()));
    }
    results.push_back(*std::move(row));
  }
  Json body = {{"results", std::move(results)},
               {"total", page->total},
               {"treeSize", page->tree_size.value()}};
  if (search->before || search->after) {
    body["next"] = page->next ? Json(page->next->value()) : Json(nullptr);
  }
  return body;
}

}  // namespace

void bound_filter(const Call& call, query::Filter& filter) {
  filter.bounds = evidence::clauses_of(scope_of(*call.who, call.tenant()));
}

Answer<query::Search> search_of(const Call& call, query::Endpoint endpoint) {
  Result<query::Search> search = query::parse_search(call.params, endpoint, call.services.now());
  if (!search) {
    return tl::unexpected(http_error(search.error()));
  }
  bound_filter(call, search->filter);
  return *std::move(search);
}

HttpError search_error(const Error& error) {
  HttpError out = http_error(error);
  if (error.code == Errc::exhausted) {
    out = {422, error.context, error.path};  // Repeating it is useless: narrow it.
  }
  return out;
}

Answer<net::Response> search(Call& call) {
  const Answer<Json> page = find_page(call);
  if (!page) {
    return tl::unexpected(page.error());
  }
  record_read(call, "search", {{"total", page->at("total")}, {"treeSize", page->at("treeSize")}});
  return json_response(200, *page);
}

}  // namespace daybook::api
