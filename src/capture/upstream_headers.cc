// SPDX-License-Identifier: Apache-2.0
#include "upstream_headers.h"

#include <string_view>
#include <utility>

#include "daybook/access/authenticator.h"
#include "daybook/core/utf8.h"

namespace daybook::capture {
namespace {

constexpr std::size_t kFieldsAdded = 4;  // X-Forwarded-For, -Proto, -Host, Authorization.

bool is_named(const net::Headers::Field& field, std::string_view name) {
  return equal_ascii_case(field.first, name);
}

bool is_daybook_cookie(std::string_view pair) {
  return trim_ows(pair.substr(0, pair.find('='))) == access::kSessionCookie;
}

// Behind another proxy its word on scheme and host stands; the chain of addresses grows.
void add_forwarded(const net::RequestHead& head, const ForwardOptions& options, net::Headers& out) {
  const std::string& remote_address = options.remote_address;
  bool chained = false;
  for (auto it = out.fields().rbegin(); it != out.fields().rend() && !chained; ++it) {
    if (is_named(*it, "X-Forwarded-For")) {
      it->second += it->second.empty() ? remote_address : ", " + remote_address;
      chained = true;
    }
  }
  if (!chained) {
    out.add("X-Forwarded-For", remote_address);
  }
  if (!out.contains("X-Forwarded-Proto")) {
    out.add("X-Forwarded-Proto", options.over_tls ? "https" : "http");
  }
  const auto host = head.headers.get("Host");
  if (host && !out.contains("X-Forwarded-Host")) {
    out.add("X-Forwarded-Host", std::string(*host));
  }
}

}  // namespace

std::string without_daybook_cookie(std::string_view cookie) {
  bool present = false;
  std::string rest;
  std::string_view left = cookie;
  for (;;) {
    const std::size_t end = left.find(';');
    const std::string_view pair = left.substr(0, end);
    if (is_daybook_cookie(pair)) {
      present = true;
    } else if (!trim_ows(pair).empty()) {
      rest += rest.empty() ? "" : "; ";
      rest += trim_ows(pair);
    }
    if (end == std::string_view::npos) {
      break;
    }
    left.remove_prefix(end + 1);
  }
  return present ? rest : std::string(cookie);
}

net::RequestHead forwarded_request(const net::RequestHead& head, const ForwardOptions& options) {
  net::RequestHead out;
  out.method = head.method;
  out.target = head.target;
  out.content_length = head.content_length;
  out.chunked = head.chunked;
  out.headers.fields().reserve(head.headers.fields().size() + kFieldsAdded);
  const bool keep_authorization = options.keep_authorization && !options.authorization;
  for (const net::Headers::Field& field : head.headers.fields()) {
    if (net::is_hop_by_hop(field.first, head.headers) || is_named(field, "X-CSRF-Token") ||
        is_named(field, kReasonHeader) ||
        (is_named(field, kImpersonateHeader) && !options.keep_authorization) ||
        (!options.user_header.empty() && is_named(field, options.user_header)) ||
        (is_named(field, "Authorization") && !keep_authorization)) {
      continue;
    }
    if (!is_named(field, "Cookie")) {
      out.headers.add(field.first, field.second);
      continue;
    }
    std::string rest = without_daybook_cookie(field.second);
    if (!rest.empty()) {
      out.headers.add(field.first, std::move(rest));
    }
  }
  add_forwarded(head, options, out.headers);
  if (options.authorization) {
    out.headers.add("Authorization", *options.authorization);
  }
  return out;
}

net::ResponseHead forwarded_answer(const net::ResponseHead& head) {
  net::ResponseHead out;
  out.status = head.status;
  out.reason = head.reason;
  out.version = head.version;
  out.content_length = head.content_length;
  out.chunked = head.chunked;
  out.headers.fields().reserve(head.headers.fields().size());
  for (const net::Headers::Field& field : head.headers.fields()) {
    if (!net::is_hop_by_hop(field.first, head.headers)) {
      out.headers.add(field.first, field.second);
    }
  }
  return out;
}

}  // namespace daybook::capture
