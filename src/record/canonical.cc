// SPDX-License-Identifier: Apache-2.0
#include "canonical.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/core/check.h"
#include "daybook/core/result.h"

#include "json_reader.h"

namespace daybook::record {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD.

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

// Length of the well-formed UTF-8 sequence at the front of `text`, 0 if there is none (Unicode
// table 3-7).
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length > text.size() || !simdjson::validate_utf8(text.data(), length)) {
    return 0;
  }
  return length;
}

std::string well_formed_copy(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    out += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

void append_integer(std::string& out, std::int64_t value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

// One walk for both forms. Strict stops at the first value that RFC 8785 cannot write.
class Writer {
 public:
  Writer(std::string& out, bool strict) : out_(out), strict_(strict) {}

  bool write(const Json& value) {
    switch (value.type()) {
      case Json::value_t::null:
        out_ += "null";
        return true;
      case Json::value_t::boolean:
        out_ += value.get<bool>() ? "true" : "false";
        return true;
      case Json::value_t::string:
        return string(value.get_ref<const std::string&>());
      case Json::value_t::array:
        return array(value.get_ref<const Json::array_t&>());
      case Json::value_t::object:
        return object(value.get_ref<const Json::object_t&>());
      case Json::value_t::number_float:
        return number(value.get<double>());
      case Json::value_t::number_integer:
        return integer(value);
      case Json::value_t::number_unsigned:
        return integer(value);
      case Json::value_t::binary:
      case Json::value_t::discarded:
        break;
    }
    return unwritable();
  }

 private:
  bool string(std::string_view text) {
    if (strict_ && !simdjson::validate_utf8(text.data(), text.size())) {
      return false;
    }
    append_json_string(out_, text);
    return true;
  }
  bool integer(const Json& value) {
    const bool fits =
        value.is_number_unsigned()
            ? value.get<std::uint64_t>() <= std::uint64_t{kIntegerMax}
            : value.get<std::int64_t>() >= -kIntegerMax && value.get<std::int64_t>() <= kIntegerMax;
    if (fits) {
      append_integer(out_, value.get<std::int64_t>());
      return true;
    }
    return !strict_ && number(value.get<double>());
  }
  bool number(double value) {
    if (!std::isfinite(value)) {
      return unwritable();
    }
    append_number(out_, value);
    return true;
  }
  bool unwritable() {
    out_ += "null";
    return !strict_;
  }
  bool array(const Json::array_t& items) {
    out_ += '[';
    bool first = true;
    for (const Json& item : items) {
      if (!std::exchange(first, false)) {
        out_ += ',';
      }
      if (!write(item)) {
        return false;
      }
    }
    out_ += ']';
    return true;
  }
  bool member(const std::string& name, const Json& value, bool first) {
    if (!first) {
      out_ += ',';
    }
    if (!string(name)) {
      return false;
    }
    out_ += ':';
    return write(value);
  }
  bool object(const Json::object_t& members) {
    out_ += '{';
    const bool sorted = std::none_of(members.begin(), members.end(), [](const auto& entry) {
      return std::any_of(entry.first.begin(), entry.first.end(),
                         [](char c) { return static_cast<unsigned char>(c) >= 0xEE; });
    });
    bool first = true;
    if (sorted) {
      for (const auto& [name, value] : members) {
        if (!member(name, value, std::exchange(first, false))) {
          return false;
        }
      }
    } else {
      std::vector<const Json::object_t::value_type*> order;
      for (const auto& entry : members) {
        order.push_back(&entry);
      }
      std::sort(order.begin(), order.end(),
                [](const auto* a, const auto* b) { return utf16_less(a->first, b->first); });
      for (const auto* entry : order) {
        if (!member(entry->first, entry->second, std::exchange(first, false))) {
          return false;
        }
      }
    }
    out_ += '}';
    return true;
  }

  std::string& out_;
  bool strict_;
};

}  // namespace

bool utf16_less(std::string_view a, std::string_view b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_a == a.end() || at_b == b.end()) {
    return at_a == a.end() && at_b != b.end();
  }
  const auto byte_a = static_cast<unsigned char>(*at_a);
  const auto byte_b = static_cast<unsigned char>(*at_b);
  // A lead byte from F0 stands for a surrogate pair (D800 to DFFF), which sorts before what EE and
  // EF begin (E000 to FFFF). Only lead bytes are that large.
  const bool pair_a = byte_a >= 0xF0;
  const bool pair_b = byte_b >= 0xF0;
  if (pair_a != pair_b && std::min(byte_a, byte_b) >= 0xEE) {
    return pair_a;
  }
  return byte_a < byte_b;
}

void append_number(std::string& out, double value) {
  if (value == 0) {
    out += '0';  // Also for minus zero.
    return;
  }
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific)
          .ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e_at = text.find('e');
  std::string digits(text.substr(0, 1));
  if (e_at > 2) {
    digits += text.substr(2, e_at - 2);
  }
  int exponent = 0;
  const std::string_view exponent_text = text.substr(e_at + (text[e_at + 1] == '+' ? 2 : 1));
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);

  if (value < 0) {
    out += '-';
  }
  const int point = exponent + 1;  // Digits before the decimal point; `n` of ECMA-262.
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(point));
    out += '.';
    out += digits.substr(static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits.front();
    if (count > 1) {
      out += '.';
      out += digits.substr(1);
    }
    out += 'e';
    out += exponent < 0 ? '-' : '+';
    append_integer(out, std::abs(exponent));
  }
}

void append_json_string(std::string& out, std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    append_json_string(out, well_formed_copy(text));
    return;
  }
  out += '"';
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (needs_escape(text[at])) {
      out.append(text, done, at - done);
      append_escape(out, text[at]);
      done = at + 1;
    }
  }
  out.append(text, done);
  out += '"';
}

void append_lenient(std::string& out, const Json& value) {
  Writer(out, false).write(value);
}

Result<std::string> canonical(const Json& value) {
  std::string out;
  if (!Writer(out, true).write(value)) {
    return Error{Errc::invalid, "value has no canonical form (RFC 8785)"};
  }
  return out;
}

std::string canonical_or_die(const Json& value) {
  Result<std::string> text = canonical(value);
  DAYBOOK_CHECK(text.has_value());
  return *std::move(text);
}

Json without_nulls(Json value) {
  if (!value.is_object()) {
    return value;
  }
  auto& members = value.get_ref<Json::object_t&>();
  for (auto it = members.begin(); it != members.end();) {
    if (it->second.is_null()) {
      it = members.erase(it);
      continue;
    }
    if (it->second.is_object()) {
      it->second = without_nulls(std::move(it->second));
    }
    ++it;
  }
  return value;
}

}  // namespace daybook::record
