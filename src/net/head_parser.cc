// SPDX-License-Identifier: Apache-2.0
#include "head_parser.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "daybook/core/utf8.h"

#include "syntax.h"

namespace daybook::net {
namespace {

Error bad(const char* what) {
  return Error{Errc::invalid, what};
}

// Field values and reason phrases: visible characters, space, tab and bytes above 0x7F.
bool is_field_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7F : byte == '\t';
  });
}

// Takes one line off the front, without its CRLF. scan_head has seen that every line has one.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), line.size() + 2));
  return line;
}

Status parse_fields(std::string_view rest, std::size_t fields_max, Headers& headers) {
  headers.fields().reserve(16);
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    if (line.empty()) {
      return rest.empty() ? Status() : bad("bytes after the end of the head");
    }
    if (line.front() == ' ' || line.front() == '\t') {
      return bad("header field continued on a new line");
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return bad("header field name is not a token followed by a colon");
    }
    const std::string_view value = trim_ows(line.substr(colon + 1));
    if (!is_field_text(value)) {
      return bad("control character in a header field");
    }
    if (headers.fields().size() == fields_max) {
      return Error{Errc::exhausted, "too many header fields"};
    }
    headers.add(std::string(line.substr(0, colon)), std::string(value));
  }
  return bad("head does not end with an empty line");
}

struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

// RFC 9112 section 6.3, with everything it lets a recipient repair refused instead.
Result<Framing> parse_framing(const Headers& headers, unsigned version) {
  Framing framing;
  bool encoded = false;
  for (const auto& [name, value] : headers.fields()) {
    if (equal_ascii_case(name, "Content-Length")) {
      if (framing.content_length) {
        return bad("Content-Length is repeated");
      }
      framing.content_length = parse_decimal(value);
      if (!framing.content_length) {
        return bad("Content-Length is not a decimal number");
      }
    } else if (equal_ascii_case(name, "Transfer-Encoding")) {
      if (encoded) {
        return bad("Transfer-Encoding is repeated");
      }
      encoded = true;
      if (!equal_ascii_case(value, "chunked")) {
        return bad("Transfer-Encoding is not chunked");
      }
    }
  }
  if (encoded && framing.content_length) {
    return bad("both Content-Length and Transfer-Encoding");
  }
  if (encoded && version < 11) {
    return bad("Transfer-Encoding in HTTP/1.0");
  }
  framing.chunked = encoded;
  return framing;
}

bool is_authority(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~!$&'()*+;=:[]%").find(c) != std::string_view::npos;
  });
}

// Two credentials in one request would let two readers see two users.
Status check_credentials(const RequestHead& head) {
  const auto& fields = head.headers.fields();
  const auto count = std::count_if(fields.begin(), fields.end(), [](const auto& field) {
    return equal_ascii_case(field.first, "Authorization");
  });
  return count > 1 ? bad("two Authorization fields") : Status();
}

Status check_host(const RequestHead& head) {
  std::optional<std::string_view> host;
  for (const auto& [name, value] : head.headers.fields()) {
    if (!equal_ascii_case(name, "Host")) {
      continue;
    }
    if (host) {
      return bad("two Host fields");
    }
    host = value;
    if (!is_authority(value)) {
      return bad("Host is not a host and port");
    }
  }
  const std::string_view authority = absolute_authority(head.target);
  if (!authority.empty() && host && !equal_ascii_case(authority, *host)) {
    return bad("target and Host name different hosts");
  }
  return {};
}

Status check_target(std::string_view method, std::string_view target) {
  const bool visible = std::all_of(target.begin(), target.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F;
  });
  if (!visible || !is_utf8(target)) {
    return bad("bad byte in the request target");
  }
  if (method == "CONNECT") {
    return Error{Errc::unsupported, "CONNECT is not supported"};
  }
  if (target.starts_with('/') || (target == "*" && method == "OPTIONS")) {
    return {};
  }
  const std::string_view authority = absolute_authority(target);
  if (authority.empty() || !is_authority(authority)) {
    return bad("request target is neither a path nor an absolute URL");
  }
  return {};
}

struct RequestLine {
  std::string_view method;
  std::string_view target;
  unsigned version = 11;
};

Result<RequestLine> parse_request_line(std::string_view line) {
  RequestLine out;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) {
    return bad("request line is not method, target and version");
  }
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(out.method)) {
    return bad("method is not a token");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return bad("version is neither HTTP/1.1 nor HTTP/1.0");
  }
  out.version = version.back() == '1' ? 11 : 10;
  DAYBOOK_RETURN_IF_ERROR(check_target(out.method, out.target));
  return out;
}

Status parse_status_line(std::string_view line, ResponseHead& head) {
  constexpr std::size_t kStatusEnd = 12;  // `HTTP/1.1 200`
  if (line.size() < kStatusEnd || (line.size() > kStatusEnd && line[kStatusEnd] != ' ')) {
    return bad("bad status line");
  }
  const std::string_view version = line.substr(0, 9);
  if (version != "HTTP/1.1 " && version != "HTTP/1.0 ") {
    return bad("version of the answer is neither HTTP/1.1 nor HTTP/1.0");
  }
  const auto status = parse_decimal(line.substr(9, 3));
  if (!status || *status < 100) {
    return bad("bad status code");
  }
  head.version = version[7] == '1' ? 11 : 10;
  head.status = static_cast<unsigned>(*status);
  const std::string_view reason = line.substr(std::min(line.size(), kStatusEnd + 1));
  if (!is_field_text(reason)) {
    return bad("control character in the reason phrase");
  }
  head.reason = std::string(reason);
  return {};
}

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t& line) {
  while (true) {
    const std::string_view rest = bytes.substr(line);
    const auto feed = rest.find('\n');
    const std::string_view text = rest.substr(0, feed);
    if (text.find('\0') != std::string_view::npos) {
      return HeadScan::bad;
    }
    const auto carriage = text.find('\r');
    if (feed == std::string_view::npos) {
      const bool ends_in_cr = carriage != std::string_view::npos && carriage + 1 == text.size();
      return carriage == std::string_view::npos || ends_in_cr ? HeadScan::incomplete
                                                              : HeadScan::bad;
    }
    if (carriage == std::string_view::npos || carriage + 1 != feed) {
      return HeadScan::bad;
    }
    line += feed + 1;
    if (feed == 1) {
      return HeadScan::complete;
    }
  }
}

Result<RequestHead> parse_request_head(std::string_view raw, std::size_t fields_max) {
  DAYBOOK_ASSIGN_OR_RETURN(const RequestLine line, parse_request_line(take_line(raw)));
  RequestHead head;
  head.method = std::string(line.method);
  head.target = std::string(line.target);
  head.version = line.version;
  DAYBOOK_RETURN_IF_ERROR(parse_fields(raw, fields_max, head.headers));
  DAYBOOK_RETURN_IF_ERROR(check_host(head));
  DAYBOOK_RETURN_IF_ERROR(check_credentials(head));
  DAYBOOK_ASSIGN_OR_RETURN(const Framing framing, parse_framing(head.headers, head.version));
  head.content_length = framing.content_length;
  head.chunked = framing.chunked;
  return head;
}

Result<ResponseHead> parse_response_head(std::string_view raw, std::size_t fields_max) {
  ResponseHead head;
  DAYBOOK_RETURN_IF_ERROR(parse_status_line(take_line(raw), head));
  DAYBOOK_RETURN_IF_ERROR(parse_fields(raw, fields_max, head.headers));
  DAYBOOK_ASSIGN_OR_RETURN(const Framing framing, parse_framing(head.headers, head.version));
  head.content_length = framing.content_length;
  head.chunked = framing.chunked;
  return head;
}

Status check_request_line(std::string_view line) {
  auto parsed = parse_request_line(line);
  return parsed ? Status() : Status(parsed.error());
}

}  // namespace daybook::net
