// SPDX-License-Identifier: Apache-2.0
#include "rule_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <utility>

#include "rule_words.h"

namespace daybook::kestra {

namespace {

constexpr std::size_t kFileBytesMax = 2U << 20U;
constexpr std::size_t kRulesMax = 20'000;
constexpr std::size_t kSegmentsMax = 32;

Error at(const YAML::Mark& mark, std::string_view what) {
  return Error{Errc::invalid, fmt::format("rule file, line {}, column {}: {}", mark.line + 1,
                                          mark.column + 1, what)};
}

template <class T, std::size_t kCount>
Result<T> word(const YAML::Node& node, const Words<T, kCount>& known) {
  if (node.IsScalar()) {
    for (const auto& [name, value] : known) {
      if (node.Scalar() == name) return value;
    }
  }
  return at(node.Mark(), "not one of the known words");
}

Result<std::string> text(const YAML::Node& node) {
  if (!node.IsScalar() || node.Scalar().empty()) return at(node.Mark(), "must be a text");
  return node.Scalar();
}

Result<bool> boolean(const YAML::Node& node) {
  return word(node, kBooleanWords);
}

Result<std::vector<std::string>> texts(const YAML::Node& node) {
  if (!node.IsSequence()) return at(node.Mark(), "must be a list of texts");
  std::vector<std::string> out;
  for (const auto& item : node) {
    DAYBOOK_ASSIGN_OR_RETURN(auto one, text(item));
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<std::string> split(std::string_view joined, char separator) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t end = std::min(joined.find(separator), joined.size());
    out.emplace_back(joined.substr(0, end));
    if (end == joined.size()) return out;
    joined.remove_prefix(end + 1);
  }
}

Result<std::size_t> segment_of(const Rule& rule, std::string_view name, const YAML::Mark& mark) {
  for (std::size_t i = 0; i < rule.segments.size(); ++i) {
    if (rule.segments[i].kind == Segment::Kind::parameter && rule.segments[i].text == name) {
      return i;
    }
  }
  return at(mark, fmt::format("the path has no {{{}}}", name));
}

// `GET ~/flows/{namespace}/{id}`.
Status parse_match(const YAML::Node& node, Rule& rule) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto match, text(node));
  const std::size_t space = match.find(' ');
  if (space == std::string::npos) return at(node.Mark(), "must be METHOD and path");
  rule.method = parse_method(std::string_view(match).substr(0, space));
  if (rule.method == Method::other || rule.method == Method::head) {
    return at(node.Mark(), "unknown method");
  }
  std::string path = match.substr(space + 1);
  if (path.starts_with("~/")) {
    rule.tenant = true;
    path = "/api/v1" + path.substr(1);
  }
  if (!path.starts_with('/')) return at(node.Mark(), "the path must begin with / or ~/");
  if (path == "/") return {};
  for (auto& piece : split(std::string_view(path).substr(1), '/')) {
    if (piece.empty()) return at(node.Mark(), "empty segment");
    if (piece == "**") {
      rule.segments.push_back({Segment::Kind::rest, {}});
    } else if (piece.front() == '{' && piece.back() == '}' && piece.size() > 2) {
      rule.segments.push_back({Segment::Kind::parameter, piece.substr(1, piece.size() - 2)});
    } else {
      rule.segments.push_back({Segment::Kind::fixed, std::move(piece)});
    }
  }
  for (std::size_t i = 0; i + 1 < rule.segments.size(); ++i) {
    if (rule.segments[i].kind == Segment::Kind::rest) return at(node.Mark(), "** must be last");
  }
  if (rule.segments.size() > kSegmentsMax) return at(node.Mark(), "too many segments");
  return {};
}

// `~/flows/{namespace}?x={?path|from}`.
Result<Target> parse_target(const YAML::Node& node, const Rule& rule) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto whole, text(node));
  Target target;
  std::string_view rest = whole;
  if (rest.front() == '~') {
    target.with_tenant = true;
    rest.remove_prefix(1);
  }
  while (!rest.empty()) {
    Target::Part part;
    if (rest.front() != '{') {
      const std::size_t end = std::min(rest.find('{'), rest.size());
      part.text = std::string(rest.substr(0, end));
      rest.remove_prefix(end);
    } else {
      const std::size_t end = rest.find('}');
      if (end == std::string_view::npos || end < 2) return at(node.Mark(), "unclosed {");
      const std::string_view name = rest.substr(1, end - 1);
      rest.remove_prefix(end + 1);
      if (name.front() == '?') {
        part.kind = Target::Part::Kind::parameter;
        part.names = split(name.substr(1), '|');
      } else {
        part.kind = Target::Part::Kind::segment;
        DAYBOOK_ASSIGN_OR_RETURN(part.index, segment_of(rule, name, node.Mark()));
      }
    }
    target.parts.push_back(std::move(part));
  }
  return target;
}

Result<Source> parse_source(std::string_view written, const Rule& rule, const YAML::Mark& mark) {
  using From = Source::From;
  if (written.starts_with('=')) return Source{From::literal, std::string(written.substr(1)), 0};
  constexpr std::array<std::pair<std::string_view, From>, 5> kFrom = {
      {{"path.", From::path},
       {"query.", From::query},
       {"body.", From::body},
       {"response.", From::response},
       {"previous.", From::previous}}};
  for (const auto& [prefix, from] : kFrom) {
    if (!written.starts_with(prefix) || written.size() == prefix.size()) continue;
    Source source{from, std::string(written.substr(prefix.size())), 0};
    if (from == From::path) {
      DAYBOOK_ASSIGN_OR_RETURN(source.index, segment_of(rule, source.name, mark));
    }
    return source;
  }
  return at(mark, "must be path.X, query.X, body.X, response.X, previous.X or =text");
}

Status parse_detail(const YAML::Node& node, Rule& rule) {
  if (!node.IsMap()) return at(node.Mark(), "must be a map");
  for (const auto& entry : node) {
    DAYBOOK_ASSIGN_OR_RETURN(auto key, text(entry.first));
    DAYBOOK_ASSIGN_OR_RETURN(const auto written, text(entry.second));
    DetailKey detail{std::move(key), {}};
    for (const auto& one : split(written, '|')) {
      DAYBOOK_ASSIGN_OR_RETURN(auto source, parse_source(one, rule, entry.second.Mark()));
      detail.sources.push_back(std::move(source));
    }
    rule.detail.push_back(std::move(detail));
  }
  return {};
}

Status parse_names(const std::string& key, const YAML::Node& node, Rule& rule) {
  if (key == "name") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.name, text(node));
  } else if (key == "resource") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.resource, text(node));
  } else if (key == "action") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.action, text(node));
  } else if (key == "absent") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.absent, text(node));
  } else if (key == "username") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.username, text(node));
    if (!rule.username->starts_with("body.")) return at(node.Mark(), "must be body.X");
    rule.username->erase(0, 5);
  } else if (key == "ids") {
    DAYBOOK_ASSIGN_OR_RETURN(auto ids, text(node));
    if (!ids.starts_with("body") || !ids.ends_with("[]")) {
      return at(node.Mark(), "must be body[] or body.X[]");
    }
    rule.ids = ids.size() > 6 ? ids.substr(5, ids.size() - 7) : std::string();
  } else if (key == "secret") {
    DAYBOOK_ASSIGN_OR_RETURN(const auto names, texts(node));
    for (const auto& name : names) {
      DAYBOOK_ASSIGN_OR_RETURN(auto index, segment_of(rule, name, node.Mark()));
      rule.secret.push_back(index);
    }
  } else {
    return at(node.Mark(), fmt::format("unknown key {}", key));
  }
  return {};
}

Status parse_entry(const std::string& key, const YAML::Node& node, Rule& rule) {
  if (key == "level") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.level, word(node, kLevelWords));
  } else if (key == "mode") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.mode, word(node, kModeWords));
  } else if (key == "bulk") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.bulk, word(node, kBulkWords));
  } else if (key == "doc") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.doc, word(node, kDocWords));
  } else if (key == "sign_in") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.sign_in, boolean(node));
  } else if (key == "open") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.open, boolean(node));
  } else if (key == "webhook") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.webhook, boolean(node));
  } else if (key == "private_body") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.private_body, boolean(node));
  } else if (key == "reason") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.reason_required, boolean(node));
  } else if (key == "before") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.before, parse_target(node, rule));
  } else if (key == "after") {
    DAYBOOK_ASSIGN_OR_RETURN(rule.after, parse_target(node, rule));
  } else if (key == "detail") {
    return parse_detail(node, rule);
  } else {
    return parse_names(key, node, rule);
  }
  return {};
}

Result<Rule> parse_rule(const YAML::Node& node) {
  if (!node.IsMap()) return at(node.Mark(), "a rule must be a map");
  Rule rule;
  const YAML::Node match = node["match"];
  if (!match) return at(node.Mark(), "a rule needs match");
  DAYBOOK_RETURN_IF_ERROR(parse_match(match, rule));
  bool has_level = false;
  bool has_mode = false;
  for (const auto& entry : node) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto key, text(entry.first));
    if (key == "match") continue;
    has_level = has_level || key == "level";
    has_mode = has_mode || key == "mode";
    DAYBOOK_RETURN_IF_ERROR(parse_entry(key, entry.second, rule));
  }
  if (rule.name.empty() || rule.resource.empty() || rule.action.empty()) {
    return at(node.Mark(), "a rule needs name, resource and action");
  }
  if (!has_level && rule.doc != Doc::none) rule.level = Level::change;
  if (!has_mode && rule.changes()) rule.mode = Mode::strict;
  if (rule.changes() && rule.level == Level::none) {
    return at(node.Mark(), "what changes something must be recorded");
  }
  return rule;
}

Status parse_head(const YAML::Node& root, RuleFile& file) {
  for (const auto& entry : root) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto key, text(entry.first));
    if (key == "version") {
      DAYBOOK_ASSIGN_OR_RETURN(file.version, text(entry.second));
    } else if (key == "context_path") {
      DAYBOOK_ASSIGN_OR_RETURN(file.context_path, text(entry.second));
      if (!file.context_path.starts_with('/') || file.context_path.ends_with('/')) {
        return at(entry.second.Mark(), "must begin with / and not end with it");
      }
    } else if (key == "words" || key == "reserved" || key == "after_tenant") {
      DAYBOOK_ASSIGN_OR_RETURN(const auto words, texts(entry.second));
      file.after_tenant.insert(words.begin(), words.end());
      if (key != "after_tenant") file.never_tenant.insert(words.begin(), words.end());
    } else if (key != "rules") {
      return at(entry.first.Mark(), fmt::format("unknown key {}", key));
    }
  }
  if (file.version.empty()) return at(root.Mark(), "the file needs a version");
  return {};
}

Result<RuleFile> build(const YAML::Node& root) {
  if (!root.IsMap()) return at(root.Mark(), "must be a map");
  RuleFile file;
  DAYBOOK_RETURN_IF_ERROR(parse_head(root, file));
  const YAML::Node rules = root["rules"];
  if (!rules || !rules.IsSequence()) return at(root.Mark(), "rules must be a list");
  if (rules.size() > kRulesMax) return Error{Errc::exhausted, "rule file: too many rules"};
  for (const auto& node : rules) {
    DAYBOOK_ASSIGN_OR_RETURN(auto rule, parse_rule(node));
    file.rules.push_back(std::move(rule));
  }
  return file;
}

}  // namespace

Result<RuleFile> parse_rule_file(std::string_view yaml) {
  if (yaml.size() > kFileBytesMax) return Error{Errc::exhausted, "rule file: more than 2 MiB"};
  try {
    return build(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& e) {
    return at(e.mark, e.msg);
  }
}

}  // namespace daybook::kestra
