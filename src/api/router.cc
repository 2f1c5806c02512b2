// SPDX-License-Identifier: Apache-2.0
#include "router.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "daybook/core/percent.h"
#include "daybook/record/event.h"

namespace daybook::api {
namespace {

using enum Operation;

// Kept equal to openapi.yaml by a test.
constexpr Route kRoutes[] = {
    {"GET", "/", root, Need::nothing},
    {"GET", "/health", health, Need::nothing},
    {"GET", "/ready", ready, Need::nothing},
    {"GET", "/metrics", metrics, Need::metrics},
    {"GET", "/openapi.yaml", openapi, Need::nothing},
    {"GET", "/ui", root, Need::nothing},
    {"GET", "/ui/{rest}", ui, Need::nothing},

    {"POST", "/api/v1/login", login, Need::nothing},
    {"POST", "/api/v1/logout", logout, Need::nothing},
    {"GET", "/api/v1/me", me, Need::account},
    {"POST", "/api/v1/users", create_user, Need::administer},
    {"POST", "/api/v1/service-accounts", create_service_account, Need::administer},
    {"POST", "/api/v1/tokens", create_token, Need::administer},
    {"POST", "/api/v1/signing-key/rotate", rotate_key, Need::administer},

    {"GET", "/api/v1/redactions", redactions, Need::administer},
    {"POST", "/api/v1/redactions", redact, Need::administer},
    {"POST", "/api/v1/redactions/{id}/approve", approve_redaction, Need::administer},
    {"DELETE", "/api/v1/redactions/{id}", withdraw_redaction, Need::administer},
    {"GET", "/api/v1/retention", retention, Need::administer},
    {"POST", "/api/v1/retention/run", run_retention, Need::administer},
    {"GET", "/api/v1/holds", holds, Need::administer},
    {"POST", "/api/v1/holds", add_hold, Need::administer},
    {"DELETE", "/api/v1/holds/{id}", remove_hold, Need::administer},

    {"", "/api/v1/auditlogs", none, Need::nothing},
    {"GET", "/api/v1/auditlogs/search", search, Need::read_all},
    {"GET", "/api/v1/auditlogs/export", export_, Need::read_all},
    {"GET", "/api/v1/auditlogs/aggregate", aggregate, Need::read_all},
    {"GET", "/api/v1/auditlogs/follow", follow, Need::read_all},
    {"GET", "/api/v1/auditlogs/entries", entries, Need::read_all},
    {"GET", "/api/v1/auditlogs/{id}", entry, Need::read_all},
    {"GET", "/api/v1/auditlogs/{id}/diff", diff, Need::read_all},
    {"GET", "/api/v1/auditlogs/{id}/proof", proof, Need::read_all},

    {"POST", "/api/v1/auditlogs/evidence", evidence_set, Need::read_all},
    {"GET", "/api/v1/auditlogs/{id}/evidence", evidence, Need::read_all},
    {"POST", "/api/v1/{tenant}/auditlogs/evidence", evidence_set, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/{id}/evidence", evidence, Need::read_tenant},

    {"POST", "/api/v1/{tenant}/auditlogs", ingest, Need::ingest},
    {"GET", "/api/v1/{tenant}/auditlogs/search", search, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/export", export_, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/aggregate", aggregate, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/follow", follow, Need::read_tenant},
    {"POST", "/api/v1/{tenant}/auditlogs/find", find, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/history/{detailId}", history, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/{id}", entry, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/{id}/diff", diff, Need::read_tenant},
    {"GET", "/api/v1/{tenant}/auditlogs/{id}/proof", proof, Need::read_tenant},

    {"GET", "/tlog/checkpoint", checkpoint, Need::nothing},
    {"GET", "/tlog/key", key, Need::nothing},
    {"GET", "/tlog/key-rotations", key_rotations, Need::nothing},
    {"GET", "/tlog/consistency", consistency, Need::nothing},
    {"GET", "/tlog/tile/{rest}", tile, Need::nothing},
};

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> out;
  if (path.starts_with('/')) {
    path.remove_prefix(1);
  }
  for (;;) {
    const std::size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) {
      return out;
    }
    path.remove_prefix(slash + 1);
  }
}

struct Pattern {
  const Route* route;
  std::vector<std::string_view> segments;
};

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> all = [] {
    std::vector<Pattern> out;
    for (const Route& route : kRoutes) {
      out.push_back({&route, segments_of(route.pattern)});
    }
    return out;
  }();
  return all;
}

// Number of fixed segments if the pattern fits.
std::optional<int> fit(const std::vector<std::string_view>& wanted,
                       const std::vector<std::string_view>& given) {
  int fixed = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i >= given.size()) {
      return std::nullopt;
    }
    if (wanted[i] == "{rest}") {
      return fixed;
    }
    if (wanted[i].starts_with('{')) {
      const bool reserved =
          wanted[i] == "{id}" && record::is_reserved_id(percent_decode(given[i], false));
      if (given[i].empty() || reserved) {
        return std::nullopt;
      }
      continue;
    }
    if (wanted[i] != given[i]) {
      return std::nullopt;
    }
    ++fixed;
  }
  return wanted.size() == given.size() ? std::optional(fixed) : std::nullopt;
}

void capture(const Pattern& pattern, const std::vector<std::string_view>& given,
             std::string_view path, Match& out) {
  for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
    const std::string_view wanted = pattern.segments[i];
    if (wanted == "{rest}") {
      out.rest = std::string(given[i].data(), path.data() + path.size());
    } else if (wanted == "{tenant}") {
      out.tenant = percent_decode(given[i], false);
    } else if (wanted == "{id}" || wanted == "{detailId}") {
      out.id = percent_decode(given[i], false);
    }
  }
}

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

Match match_route(std::string_view method, std::string_view path) {
  Match out;
  if (!path.starts_with('/')) {
    return out;
  }
  const std::vector<std::string_view> given = segments_of(path);
  const Pattern* best = nullptr;
  int most = -1;
  for (const Pattern& pattern : patterns()) {
    const std::optional<int> fixed = fit(pattern.segments, given);
    if (fixed && *fixed > most) {
      most = *fixed;
      best = &pattern;
    }
  }
  if (best == nullptr) {
    return out;
  }
  out.known_path = true;
  capture(*best, given, path, out);
  for (const Route& route : kRoutes) {
    if (route.pattern != best->route->pattern || route.method.empty()) {
      continue;
    }
    const bool get = route.method == "GET";
    if (method == route.method || (get && method == "HEAD")) {
      out.route = &route;
    }
    out.allow += out.allow.empty() ? "" : ", ";
    out.allow += get ? "GET, HEAD" : route.method;
  }
  return out;
}

}  // namespace daybook::api
