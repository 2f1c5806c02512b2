// SPDX-License-Identifier: Apache-2.0
#include "redact_text.h"

#include <algorithm>

#include "daybook/core/utf8.h"

#include "secret_names.h"
#include "text.h"

namespace daybook::kestra {

namespace {

// A word shorter than this after `name:` in running text is taken for prose.
constexpr std::size_t kProseWordMax = 3;
constexpr std::size_t kBearerBytesMin = 8;

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

bool ends_value(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
         std::string_view(",;&)}]\"'<>`\\|").find(c) != std::string_view::npos;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), webhook_(is_webhook_type(text)) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (text_.substr(at_).starts_with("://")) {
        user_info();
      } else if (is_name_byte(text_[at_])) {
        name();
      } else {
        out_.push_back(text_[at_++]);
      }
    }
    return std::move(out_);
  }

 private:
  void copy_to(std::size_t end) {
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  void hide_to(std::size_t end) {
    out_ += kHidden;
    at_ = end;
  }

  [[nodiscard]] std::size_t skip(std::size_t from, std::string_view bytes) const {
    return std::min(text_.find_first_not_of(bytes, from), text_.size());
  }

  // `://user:password@host`.
  void user_info() {
    const std::size_t start = at_ + 3;
    const std::size_t end = std::min(text_.find_first_of("/ \t\r\n\"'<>`", start), text_.size());
    const std::string_view authority = text_.substr(start, end - start);
    const std::size_t sign = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (sign == std::string_view::npos || colon == std::string_view::npos || colon > sign) {
      copy_to(start);
      return;
    }
    copy_to(start + colon + 1);
    hide_to(start + sign);
  }

  // `executions/webhook/{namespace}/{id}/{key}`, a secret in any address.
  void webhook_address(std::size_t at) {
    for (int slashes = 0; slashes < 2 && at < text_.size(); ++slashes) {
      at = std::min(text_.find_first_of("/ \t\r\n\"'`", at), text_.size());
      if (at == text_.size() || text_[at] != '/') return;
      ++at;
    }
    const std::size_t end = std::min(text_.find_first_of("/?# \t\r\n\"'`<>,)", at), text_.size());
    const std::string_view key = text_.substr(at, end - at);
    if (key.empty() || key.starts_with("{") || key.starts_with(kHidden)) return;
    copy_to(at);
    hide_to(end);
  }

  void name() {
    std::size_t end = at_;
    while (end < text_.size() && is_name_byte(text_[end])) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    copy_to(end);
    constexpr std::string_view kWebhook = "/webhook/";
    if (word == "executions" && text_.substr(end).starts_with(kWebhook)) {
      webhook_address(end + kWebhook.size());
      return;
    }
    if (equal_ascii_case(word, "bearer") || equal_ascii_case(word, "basic")) {
      scheme();
      return;
    }
    std::size_t next = skip(end, "\\");
    const bool quoted = next < text_.size() && (text_[next] == '"' || text_[next] == '\'');
    if (quoted) ++next;
    next = skip(next, " \t");
    const bool key = webhook_ && quoted && word == "key";
    if (next >= text_.size() || !(key || is_secret_name(word))) return;
    if (word.starts_with("--") && !quoted && next > end && text_[next] != '=') {
      copy_to(next);
      value(1);
      return;
    }
    const char sign = text_[next];
    if (sign != ':' && sign != '=') return;
    if (text_.substr(next).starts_with("==") || text_.substr(next).starts_with("=>")) return;
    copy_to(skip(next + 1, " \t"));
    value(sign == ':' && !quoted ? kProseWordMax + 1 : 1);
  }

  // After `Bearer` or `Basic`: a token, but no word of prose.
  void scheme() {
    const std::size_t start = skip(at_, " \t");
    if (start == at_) return;
    std::size_t end = start;
    while (end < text_.size() && !ends_value(text_[end])) ++end;
    const std::string_view token = text_.substr(start, end - start);
    const bool prose = token.find_first_of("0123456789=._") == std::string_view::npos;
    if (token.size() < kBearerBytesMin || prose || token.starts_with("{{")) return;
    copy_to(start);
    hide_to(end);
  }

  // The value at the present position; unquoted ones shorter than `bytes_min` stay.
  void value(std::size_t bytes_min) {
    const std::size_t open = skip(at_, "\\");
    if (open < text_.size() && (text_[open] == '"' || text_[open] == '\'')) {
      quoted_value(open);
      return;
    }
    if (refers(at_)) return;
    std::size_t end = at_;
    while (end < text_.size() && !ends_value(text_[end])) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (equal_ascii_case(word, "bearer") || equal_ascii_case(word, "basic")) {
      copy_to(end);
      const std::size_t start = skip(end, " \t");
      std::size_t stop = start;
      while (stop < text_.size() && !ends_value(text_[stop])) ++stop;
      if (stop == start || refers(start)) return;
      copy_to(start);
      hide_to(stop);
      return;
    }
    if (word.size() < bytes_min || word.starts_with(kHidden)) return;
    hide_to(end);
  }

  void quoted_value(std::size_t open) {
    const std::string_view escape = text_.substr(at_, open - at_);
    const char quote = text_[open];
    std::size_t end = open + 1;
    for (; end < text_.size(); ++end) {
      if (text_[end] == '\n') break;
      if (text_[end] != quote) continue;
      std::size_t slashes = 0;
      while (end - slashes > open + 1 && text_[end - slashes - 1] == '\\') ++slashes;
      if (slashes == escape.size()) break;
    }
    const std::size_t stop = end < text_.size() && text_[end] == quote ? end - escape.size() : end;
    if (refers(open + 1) || text_.substr(open + 1).starts_with(kHidden) || stop <= open + 1) {
      copy_to(std::max(open + 1, std::min(stop, text_.size())));
      return;
    }
    copy_to(open + 1);
    hide_to(stop);
  }

  [[nodiscard]] bool refers(std::size_t from) const {
    const std::string_view rest = text_.substr(from);
    if (rest.starts_with('$')) return true;
    if (!rest.starts_with("{{")) return false;
    const std::size_t end = rest.find("}}");
    return end != std::string_view::npos && is_reference(rest.substr(0, end + 2));
  }

  std::string_view text_;
  bool webhook_;  // `"key"` may then be that of a Webhook trigger.
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string redact_text(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace daybook::kestra
