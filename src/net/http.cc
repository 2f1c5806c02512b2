// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/http.h"

#include <algorithm>
#include <array>

#include "daybook/core/utf8.h"

#include "syntax.h"

namespace daybook::net {
namespace {

// The part of a target after scheme and authority; origin-form targets are all of it.
std::string_view origin_form(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) {
    return target;
  }
  const auto start = target.find_first_of("/?", scheme + 3);
  return start == std::string_view::npos ? std::string_view("/") : target.substr(start);
}

struct Reason {
  unsigned status;
  std::string_view phrase;
};
// RFC 9110 section 15, RFC 6585, RFC 4918.
constexpr std::array kReasons = {
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{203, "Non-Authoritative Information"},
    Reason{204, "No Content"},
    Reason{205, "Reset Content"},
    Reason{206, "Partial Content"},
    Reason{207, "Multi-Status"},
    Reason{300, "Multiple Choices"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{423, "Locked"},
    Reason{424, "Failed Dependency"},
    Reason{425, "Too Early"},
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{451, "Unavailable For Legal Reasons"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{507, "Insufficient Storage"},
    Reason{511, "Network Authentication Required"},
};

}  // namespace

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  add(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return equal_ascii_case(field.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equal_ascii_case(field.first, name)) {
      return field.second;
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : fields_) {
    if (equal_ascii_case(field.first, name)) {
      values.emplace_back(field.second);
    }
  }
  return values;
}

std::string_view RequestHead::path() const {
  const std::string_view rest = origin_form(target);
  const auto path = rest.substr(0, rest.find('?'));
  return path.empty() ? std::string_view("/") : path;
}

std::string_view RequestHead::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string_view standard_reason(unsigned status) {
  const auto at = std::lower_bound(kReasons.begin(), kReasons.end(), status,
                                   [](const Reason& r, unsigned s) { return r.status < s; });
  return at != kReasons.end() && at->status == status ? at->phrase : std::string_view();
}

bool is_hop_by_hop(std::string_view name, const Headers& headers) {
  // RFC 9110 section 7.6.1.
  static constexpr std::array<std::string_view, 9> kNames = {
      "Connection", "Keep-Alive",        "Proxy-Connection", "Proxy-Authenticate", "TE",
      "Trailer",    "Transfer-Encoding", "Upgrade",          "Proxy-Authorization"};
  for (const std::string_view known : kNames) {
    if (equal_ascii_case(name, known)) {
      return true;
    }
  }
  // A peer must not be able to make us drop what the next hop routes or frames by.
  if (equal_ascii_case(name, "Host") || equal_ascii_case(name, "Content-Length")) {
    return false;
  }
  return has_token(headers, "Connection", name);
}

}  // namespace daybook::net
