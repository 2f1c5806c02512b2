// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/kestra/plain_path.h"
#include "daybook/record/event.h"

#include "rule_set.h"
#include "text.h"
#include "values.h"

namespace daybook::kestra {

namespace {

constexpr std::string_view kApi = "api";
constexpr std::string_view kV1 = "v1";
// How many leading segments may be a context path (micronaut.server.context-path).
constexpr std::size_t kContextMax = 3;
// Accounts without a tenant segment belong here: Kestra before 0.23 had no tenants.
constexpr std::string_view kMainTenant = "main";

std::string_view fallback_action(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::options:
      return "READ";
    case Method::post:
      return "CREATE";
    case Method::del:
      return "DELETE";
    case Method::put:
    case Method::patch:
    case Method::other:
      break;
  }
  return "UPDATE";
}

// Number of segments before `/api/v1`; 0 as well if there is none.
std::size_t context_length(std::span<const std::string_view> segments) {
  for (std::size_t i = 0; i <= kContextMax && i + 1 < segments.size(); ++i) {
    if (segments[i] == kApi && segments[i + 1] == kV1) return i;
    if (segments[i] == "ui" || segments[i].empty()) return 0;
  }
  return 0;
}

std::size_t offset_of_end(std::string_view path, std::string_view piece) {
  return static_cast<std::size_t>(piece.data() - path.data()) + piece.size();
}

std::string hide_segments(std::string_view path, const PathView& cut, const Rule& rule) {
  std::string shown(path);
  // From the back, so that the positions in front stay true.
  std::vector<std::size_t> indexes = rule.secret;
  std::sort(indexes.rbegin(), indexes.rend());
  for (const std::size_t index : indexes) {
    if (index >= cut.count) continue;
    const std::string_view segment = cut.segments[index];
    shown.replace(offset_of_end(path, segment) - segment.size(), segment.size(), kHidden);
  }
  return shown;
}

void erase_front(PathView& cut, std::size_t at, std::size_t n) {
  const auto begin = cut.segments.begin() + static_cast<std::ptrdiff_t>(at);
  std::move(begin + static_cast<std::ptrdiff_t>(n),
            cut.segments.begin() + static_cast<std::ptrdiff_t>(cut.count), begin);
  cut.count -= n;
}

}  // namespace

std::string hide_webhook_keys(std::string_view path) {
  std::string out;
  // Segments seen since `executions/webhook`; namespace and id are shown, all the rest is not.
  int since = -1;
  std::string before;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    const std::string plain = decoded_or_raw(segment, false);
    if (since >= 0 && !segment.empty()) ++since;
    out += since > 2 ? kHidden : segment;
    if (end < path.size()) out += '/';
    if (since < 0 && plain == "webhook" && before == "executions") since = 0;
    if (!segment.empty()) before = plain;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

PathView RuleSet::cut(std::string_view path) const {
  PathView out;
  if (!path.starts_with('/')) {
    out.fits = false;
    return out;
  }
  std::string_view rest = path;
  if (!file_.context_path.empty() && rest.starts_with(file_.context_path) &&
      (rest.size() == file_.context_path.size() || rest[file_.context_path.size()] == '/')) {
    rest.remove_prefix(file_.context_path.size());
    if (rest.empty()) rest = "/";
  }
  if (rest.size() > 1 && rest.ends_with('/')) rest.remove_suffix(1);
  rest.remove_prefix(1);
  while (out.count < PathView::kSegmentsMax) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    out.segments[out.count++] = rest.substr(0, end);
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
    if (out.count == PathView::kSegmentsMax) out.fits = false;
  }
  if (out.count == 1 && out.segments[0].empty()) {
    out.count = 0;  // The root.
    return out;
  }
  if (const std::size_t context = context_length(out.view()); context > 0) {
    out.context = true;
    erase_front(out, 0, context);
  }
  if (out.count < 2 || out.segments[0] != kApi || out.segments[1] != kV1) return out;
  out.base = path.substr(0, offset_of_end(path, out.segments[1]));
  out.prefix = out.base;
  if (out.count < 4 || file_.never_tenant.contains(out.segments[2]) ||
      !file_.after_tenant.contains(out.segments[3])) {
    return out;
  }
  auto tenant = percent_decode_strict(out.segments[2], false);
  if (!tenant || !record::is_tenant(*tenant)) return out;  // Kestra cannot have such a tenant.
  out.tenant = *std::move(tenant);
  out.prefix = path.substr(0, offset_of_end(path, out.segments[2]));
  erase_front(out, 2, 1);
  return out;
}

const Rule* RuleSet::find(Method method, const PathView& path) const {
  if (!path.fits) return nullptr;
  int found = routes_.find(method, path.view(), !path.tenant.empty());
  if (found == Routes::kNone && method == Method::head) {
    found = routes_.find(Method::get, path.view(), !path.tenant.empty());
  }
  return found == Routes::kNone ? nullptr : &file_.rules[static_cast<std::size_t>(found)];
}

std::string RuleSet::target(const Target& target, const PathView& path, std::string_view query,
                            bool& complete) const {
  std::string out;
  if (target.with_tenant) out = path.prefix;
  for (const auto& part : target.parts) {
    switch (part.kind) {
      case Target::Part::Kind::text:
        // An instance route keeps the context path of the request.
        if (out.empty() && part.text.starts_with("/api/v1") && path.base.size() > 7) {
          out = path.base.substr(0, path.base.size() - 7);
        }
        out += part.text;
        break;
      case Target::Part::Kind::segment:
        out += path.segments[part.index];
        break;
      case Target::Part::Kind::parameter: {
        std::optional<std::string_view> value;
        for (const auto& name : part.names) {
          if (!value) value = raw_parameter(query, name);
        }
        if (!value || value->empty())
          complete = false;
        else
          out += *value;
        break;
      }
    }
  }
  return out;
}

void RuleSet::fill(const Rule& rule, const RequestView& request, const PathView& path,
                   Classification& out) const {
  out.rule = rule.name;
  out.level = rule.level;
  out.mode = rule.mode;
  out.changes = rule.changes();
  out.opens_without_login = rule.open && !path.context && is_plain_path(request.path);
  // Else it needs a login like any other. A path that something behind us may read as another one
  // does, too.
  out.webhook = rule.webhook && !path.context && is_plain_path(request.path);
  out.sign_in = rule.sign_in;
  out.reason_required = rule.reason_required;
  out.bulk = rule.bulk;
  out.resource = rule.resource;
  out.action = rule.action;
  out.absent_action = rule.absent;
  out.shown_path =
      rule.secret.empty() ? std::string(request.path) : hide_segments(request.path, path, rule);
  for (const auto& key : rule.detail) {
    for (const auto& source : key.sources) {
      auto value = request_value(source, path.view(), request.query);
      if (!value) continue;
      put_value(out.detail, key.key, *std::move(value));
      break;
    }
  }
  const auto make = [&](const std::optional<Target>& wanted) -> std::optional<std::string> {
    if (!wanted || out.level < Level::metadata) return std::nullopt;
    bool complete = true;
    std::string made = target(*wanted, path, request.query, complete);
    if (!complete) return std::nullopt;
    return made;
  };
  out.before_target = make(rule.before);
  out.after_target = make(rule.after);
}

Classification RuleSet::classify(const RequestView& request) const {
  const PathView path = cut(request.path);
  const Method method = parse_method(request.method);
  Classification out;
  out.tenant = path.tenant.empty() ? std::string(kMainTenant) : path.tenant;
  out.tenant_prefix = path.prefix;
  if (const Rule* rule = find(method, path)) {
    fill(*rule, request, path, out);
  } else {
    out.rule = "unknown";
    out.known = false;
    out.resource = "UNKNOWN";
    out.action = fallback_action(method);
    out.changes = out.action != "READ";
    out.mode = out.changes ? Mode::strict : Mode::available;
    out.level = Level::metadata;
    out.shown_path = hide_webhook_keys(request.path);
  }
  if (!request.query.empty() && out.level != Level::none) {
    Json query = redact_query(request.query);
    if (!query.empty()) out.detail["query"] = std::move(query);
  }
  return out;
}

}  // namespace daybook::kestra
