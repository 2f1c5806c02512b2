// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "redact.h"
#include "redact_text.h"
#include "secret_names.h"
#include "text.h"
#include "yaml_secrets.h"

namespace daybook::kestra {

namespace {

// A secret at least this long is also hidden where it is repeated elsewhere in the text.
constexpr std::size_t kRepeatedBytesMin = 8;

std::size_t line_end(std::string_view text, std::size_t from) {
  return std::min(text.find('\n', from), text.size());
}

// Past the tag and the anchor of a node: `!!str &name value`.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '!' || text[at] == '&')) {
    at = std::min(text.find_first_of(" \t\n", at), text.size());
    at = std::min(text.find_first_not_of(" \t", at), text.size());
  }
  return at;
}

// End of the lines below `from` that are blank or indented deeper than `indent`.
std::size_t block_end(std::string_view text, std::size_t from, std::size_t indent) {
  std::size_t end = line_end(text, from);
  std::size_t last = end;
  while (end < text.size()) {
    const std::size_t start = end + 1;
    const std::size_t stop = line_end(text, start);
    const std::size_t first = std::min(text.find_first_not_of(" \t\r", start), stop);
    if (first < stop && first - start <= indent) break;
    if (first < stop) last = stop;
    end = stop;
    if (stop == text.size()) break;
  }
  return last;
}

std::optional<std::size_t> quoted_end(std::string_view text, std::size_t open) {
  const char quote = text[open];
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return i + 1;
      ++i;
    }
  }
  return std::nullopt;
}

bool is_harmless(std::string_view value) {
  return value.empty() || value == "true" || value == "false" || value == "null" ||
         is_reference(value);
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Where the written value stands. nullopt: cannot be told.
std::optional<Span> span_of(std::string_view text, const YamlSecret& secret) {
  const std::size_t begin = skip_properties(text, secret.begin);
  if (begin >= text.size()) return std::nullopt;
  const char first = text[begin];
  if (first == '"' || first == '\'') {
    const auto end = quoted_end(text, begin);
    if (!end) return std::nullopt;
    return Span{begin, *end};
  }
  if (first == '|' || first == '>') return Span{begin, block_end(text, begin, secret.indent)};
  if (text.substr(begin, secret.value.size()) == secret.value) {
    return Span{begin, begin + secret.value.size()};
  }
  return std::nullopt;
}

// As many line breaks as the text had, so that what follows stays on its line.
std::string hidden(std::string_view written, bool changed) {
  std::string out = "\"" + std::string(changed ? kHiddenChanged : kHidden) + "\"";
  out.append(static_cast<std::size_t>(std::count(written.begin(), written.end(), '\n')), '\n');
  return out;
}

// A line of a text that is not understood: also every `key: value` inside it.
std::string hide_keys(std::string line) {
  for (std::size_t at = line.find("key"); at != std::string::npos; at = line.find("key", at + 3)) {
    const bool begins =
        at == 0 || std::string_view(" \t{,[\"'-").find(line[at - 1]) != std::string_view::npos;
    std::size_t next = std::min(line.find_first_not_of("\"' \t", at + 3), line.size());
    if (!begins || next >= line.size() || line[next] != ':') continue;
    next = std::min(line.find_first_not_of(" \t", next + 1), line.size());
    const std::size_t end = std::min(line.find_first_of(",}\r", next), line.size());
    if (end > next) line.replace(next, end - next, kHidden);
  }
  return line;
}

// Name of the entry a line begins; empty: it begins none.
std::string entry_name(std::string_view line) {
  const std::size_t first = std::min(line.find_first_not_of(" \t-"), line.size());
  const std::size_t colon = line.find(':', first);
  if (colon == std::string_view::npos) return {};
  std::string name(trim(line.substr(first, colon - first)));
  replace_all(name, "\"", "");
  replace_all(name, "'", "");
  return name;
}

// Without understanding the text: every line with a secret name or a `key`, and what is indented
// below it.
std::string redact_lines(std::string_view text) {
  std::string out;
  std::optional<std::size_t> below;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = line_end(text, at);
    const std::string_view line = text.substr(at, end - at);
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    if (below && (indent > *below || indent == line.size())) {
      out += line.substr(0, indent);
      if (indent < line.size()) out += kHidden;
    } else {
      below.reset();
      const std::string name = entry_name(line);
      if (name == "key" || is_secret_name(name)) {
        out += line.substr(0, line.find(':') + 1);
        out += " \"***\"";
        below = indent;
      } else {
        out += hide_keys(redact_text(line));
      }
    }
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string redact_source(std::string_view source, const std::string& prefix, Secrets& secrets,
                          const Secrets* old) {
  auto found = find_yaml_secrets(source);
  if (!found) return redact_lines(source);
  std::string out;
  std::size_t copied = 0;
  std::vector<std::string> repeated;
  for (const auto& secret : *found) {
    if (is_harmless(secret.value)) continue;
    const auto span = span_of(source, secret);
    if (!span) return redact_lines(source);
    if (span->begin < copied) continue;  // Reached twice, by an alias.
    const std::string path = prefix + secret.path;
    secrets[path] = secret.value;
    bool changed = false;
    if (old != nullptr) {
      const auto was = old->find(path);
      changed = was != old->end() && was->second != secret.value;
    }
    out += source.substr(copied, span->begin - copied);
    out += hidden(source.substr(span->begin, span->end - span->begin), changed);
    copied = span->end;
    if (secret.value.size() >= kRepeatedBytesMin) repeated.push_back(secret.value);
  }
  out += source.substr(copied);
  for (const auto& value : repeated) replace_all(out, value, kHidden);
  return redact_text(out);
}

}  // namespace daybook::kestra
