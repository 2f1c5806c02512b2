// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "daybook/query/aggregate.h"
#include "daybook/query/calendar.h"

#include "operations.h"
#include "read_events.h"
#include "search_operations.h"

namespace daybook::api {
namespace {

using query::GroupBy;
using record::Json;

Json groups_json(const std::vector<search::Group>& groups, const std::vector<GroupBy>& by) {
  Json out = Json::array();
  for (const search::Group& group : groups) {
    Json key = Json::object();
    for (std::size_t i = 0; i < by.size(); ++i) {
      key[std::string(by[i].name)] = group.key.at(i);
    }
    out.push_back({{"key", std::move(key)}, {"count", group.count}});
  }
  return out;
}

Json facets_json(const std::vector<search::Groups>& facets, const std::vector<GroupBy>& by) {
  Json out = Json::object();
  for (std::size_t i = 0; i < by.size(); ++i) {
    out[std::string(by[i].name)] = {{"groups", groups_json(facets.at(i).top, {by[i]})},
                                    {"others", facets.at(i).others}};
  }
  return out;
}

Json histogram_json(const std::vector<search::Bucket>& histogram, const std::vector<GroupBy>& by) {
  Json out = Json::array();
  for (const search::Bucket& bucket : histogram) {
    out.push_back({{"from", bucket.from},
                   {"to", bucket.to},
                   {"count", bucket.count},
                   {"groups", groups_json(bucket.groups, by)}});
  }
  return out;
}

Answer<Json> count(const Call& call) {
  Result<query::Aggregate> request = query::parse_aggregate(call.params, call.services.now());
  if (!request) {
    return tl::unexpected(http_error(request.error()));
  }
  bound_filter(call, request->filter);
  const Result<search::Aggregation> counted = call.services.parts.search.aggregate(*request);
  if (!counted) {
    return tl::unexpected(search_error(counted.error()));
  }
  Json body = {{"treeSize", counted->tree_size.value()},
               {"total", counted->total},
               {"groups", groups_json(counted->groups.top, request->by)},
               {"others", counted->groups.others},
               {"interval", query::to_string(counted->interval)},
               {"histogram", histogram_json(counted->histogram, request->by)}};
  if (!request->facets.empty()) {
    body["facets"] = facets_json(counted->facets, request->facets);
  }
  return body;
}

}  // namespace

Answer<net::Response> aggregate(Call& call) {
  const Answer<Json> body = count(call);
  if (!body) {
    return tl::unexpected(body.error());
  }
  record_read(call, "aggregate",
              {{"total", body->at("total")}, {"treeSize", body->at("treeSize")}});
  return json_response(200, *body);
}

}  // namespace daybook::api
