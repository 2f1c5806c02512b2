// SPDX-License-Identifier: Apache-2.0
#include "head_writer.h"

#include <algorithm>

#include "daybook/core/utf8.h"

#include "syntax.h"

namespace daybook::net {
namespace {

using Framing = BodyReader::Framing;

constexpr std::size_t kHeadUsual = 1'000;  // Bytes of nearly every head.

bool breaks_line(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

// A handler's text must never end the line it is written on (response splitting).
void append_text(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out += text;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), breaks_line, ' ');
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_text(out, name);
  out += ": ";
  append_text(out, value);
  out += "\r\n";
}

bool is_length(const Headers::Field& field) {
  return equal_ascii_case(field.first, "Content-Length");
}
bool is_encoding(const Headers::Field& field) {
  return equal_ascii_case(field.first, "Transfer-Encoding");
}
bool is_connection(const Headers::Field& field) {
  return equal_ascii_case(field.first, "Connection") ||
         equal_ascii_case(field.first, "Keep-Alive") ||
         equal_ascii_case(field.first, "Proxy-Connection");
}

OutgoingFraming answer_framing(const ResponseHead& head, const AnswerContext& context) {
  if (is_bodyless(head.status, context.to_head_request)) {
    return {Framing::none, 0};
  }
  const bool encoded = head.chunked || head.headers.contains("Transfer-Encoding");
  if (head.content_length && !head.chunked) {
    return {Framing::length, *head.content_length};
  }
  if (!encoded) {
    if (const auto field = head.headers.get("Content-Length")) {
      if (const auto length = parse_decimal(*field)) {
        return {Framing::length, *length};
      }
    }
  }
  return {context.peer_version >= 11 ? Framing::chunked : Framing::until_close, 0};
}

// Which framing fields an answer carries, and whether they still have to be written.
struct FramingFields {
  bool length = false;
  bool encoding = false;
  std::optional<std::uint64_t> value;  // Of Content-Length; absent = as the handler spelled it.
};

FramingFields framing_fields(const ResponseHead& head, const AnswerContext& context,
                             const OutgoingFraming& framing) {
  FramingFields fields;
  if (framing.kind == Framing::length) {
    fields.length = true;
    fields.value = framing.length;
  } else if (framing.kind == Framing::chunked) {
    fields.encoding = true;
  } else if (framing.kind == Framing::none && head.status != 204 && head.status >= 200) {
    // HEAD and 304 describe the body that a GET would get: passed on, never invented.
    fields.encoding =
        context.peer_version >= 11 && (head.chunked || head.headers.contains("Transfer-Encoding"));
    fields.value = head.content_length;
    fields.length = !fields.encoding && (fields.value || head.headers.contains("Content-Length"));
  }
  return fields;
}

}  // namespace

bool is_bodyless(unsigned status, bool to_head_request) {
  return to_head_request || status == 204 || status == 304 || status < 200;
}

OutgoingFraming write_response_head(const ResponseHead& head, const AnswerContext& context,
                                    std::string& out) {
  const OutgoingFraming framing = answer_framing(head, context);
  FramingFields due = framing_fields(head, context, framing);
  out.reserve(kHeadUsual);
  out += context.peer_version >= 11 ? "HTTP/1.1 " : "HTTP/1.0 ";
  out += std::to_string(head.status);
  out.push_back(' ');
  append_text(out, head.reason.empty() ? standard_reason(head.status) : head.reason);
  out += "\r\n";
  for (const Headers::Field& field : head.headers.fields()) {
    if (is_connection(field)) {
      continue;
    }
    if (is_length(field)) {
      if (due.length) {
        append_field(out, field.first, due.value ? std::to_string(*due.value) : field.second);
        due.length = false;
      }
    } else if (is_encoding(field)) {
      if (due.encoding) {
        append_field(out, field.first, "chunked");
        due.encoding = false;
      }
    } else {
      append_field(out, field.first, field.second);
    }
  }
  if (due.length) {
    append_field(out, "Content-Length", std::to_string(due.value.value_or(0)));
  }
  if (due.encoding) {
    append_field(out, "Transfer-Encoding", "chunked");
  }
  if (context.close && context.peer_version >= 11) {
    append_field(out, "Connection", "close");
  }
  out += "\r\n";
  return framing;
}

OutgoingFraming write_request_head(const RequestHead& head, std::string_view target_prefix,
                                   std::string_view authority, std::string& out) {
  OutgoingFraming framing;
  bool length_due = head.content_length.has_value() && !head.chunked;
  if (head.chunked) {
    framing.kind = Framing::chunked;
  } else if (length_due) {
    framing = {Framing::length, *head.content_length};
  }
  out.reserve(kHeadUsual);
  append_text(out, head.method);
  out.push_back(' ');
  append_text(out, target_prefix);
  append_text(out, head.target);
  out += " HTTP/1.1\r\n";
  if (!head.headers.contains("Host")) {
    const std::string_view named = absolute_authority(head.target);
    append_field(out, "Host", named.empty() ? authority : named);
  }
  for (const Headers::Field& field : head.headers.fields()) {
    if (is_hop_by_hop(field.first, head.headers)) {
      continue;
    }
    if (!is_length(field)) {
      append_field(out, field.first, field.second);
    } else if (length_due) {
      append_field(out, field.first, std::to_string(framing.length));
      length_due = false;
    }
  }
  if (length_due) {
    append_field(out, "Content-Length", std::to_string(framing.length));
  }
  if (head.chunked) {
    append_field(out, "Transfer-Encoding", "chunked");
  }
  out += "\r\n";
  return framing;
}

std::string_view write_chunk_size(std::size_t size, char (&space)[20]) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t at = sizeof space;
  space[--at] = '\n';
  space[--at] = '\r';
  do {
    space[--at] = kDigits[size & 15U];
    size >>= 4U;
  } while (size > 0);
  return {&space[at], sizeof space - at};
}

}  // namespace daybook::net
