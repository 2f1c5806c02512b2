// SPDX-License-Identifier: Apache-2.0
#include "yaml_secrets.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "daybook/core/utf8.h"

#include "secret_names.h"

namespace daybook::kestra {

namespace {

// Texts with more nodes than this are not looked through; the caller then hides by lines.
constexpr std::size_t kNodesMax = 200'000;

struct TooLarge {};

// A scalar on its way up: secret at once, or only if a sibling of its says so.
struct Candidate {
  YamlSecret secret;
  std::string member;  // Name under which it stands in the map being read, at its first level.
  bool certain = false;
};

struct Frame {
  bool is_map = false;
  bool secret = false;  // All scalars below are secrets.
  bool at_key = true;   // Of a map: the next node is a key.
  bool named = false;   // An entry that is named like a secret.
  bool webhook = false;
  std::size_t position = 0;  // Of a list.
  std::string key;
  std::size_t key_column = 0;
  std::string id;
  std::vector<Candidate> found;
};

class Reader final : public YAML::EventHandler {
 public:
  std::vector<YamlSecret> take() { return std::move(out_); }
  [[nodiscard]] bool lost() const { return lost_; }

  void OnDocumentStart(const YAML::Mark&) override {
    stack_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { scalar(mark, "", 0, true); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // The secret stands where the anchor is.
    const auto found = anchors_.find(anchor);
    const bool key = !stack_.empty() && stack_.back().is_map && stack_.back().at_key;
    if (key) {
      scalar(mark, "", 0, true);
      return;
    }
    if (found == anchors_.end()) {
      lost_ = lost_ || below_secret();
    } else if (!stack_.empty()) {
      Candidate candidate{found->second, member(), below_secret()};
      stack_.back().found.push_back(std::move(candidate));
    }
    next();
  }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    scalar(mark, value, anchor, false);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(false, mark);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(true, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  void count() {
    if (++nodes_ > kNodesMax) throw TooLarge{};
  }

  [[nodiscard]] bool below_secret() const {
    if (stack_.empty()) return false;
    const Frame& top = stack_.back();
    return top.secret || (top.is_map && !top.at_key && is_secret_name(top.key));
  }

  [[nodiscard]] std::string member() const {
    if (stack_.empty() || !stack_.back().is_map) return {};
    return stack_.back().key;
  }

  // The node that was just read is complete.
  void next() {
    if (stack_.empty()) return;
    Frame& top = stack_.back();
    if (top.is_map) {
      top.at_key = !top.at_key;
    } else {
      ++top.position;
    }
  }

  void open(bool is_map, const YAML::Mark& mark) {
    count();
    Frame frame;
    frame.is_map = is_map;
    frame.secret = below_secret();
    frame.key_column = stack_.empty() ? 0 : stack_.back().key_column;
    if (!is_map) frame.key_column = std::max(frame.key_column, static_cast<std::size_t>(0));
    static_cast<void>(mark);
    stack_.push_back(std::move(frame));
  }

  void scalar(const YAML::Mark& mark, const std::string& value, YAML::anchor_t anchor, bool null) {
    count();
    YamlSecret secret;
    secret.value = value;
    secret.begin = static_cast<std::size_t>(std::max(mark.pos, 0));
    if (!stack_.empty() && stack_.back().is_map && stack_.back().at_key) {
      stack_.back().key = value;
      stack_.back().key_column = static_cast<std::size_t>(std::max(mark.column, 0));
      next();
      return;
    }
    if (!stack_.empty()) secret.indent = stack_.back().key_column;
    if (anchor != 0) anchors_[anchor] = secret;
    if (!null && !stack_.empty()) {
      Frame& top = stack_.back();
      if (top.is_map) note_sibling(top, value);
      top.found.push_back({secret, member(), below_secret()});
      if (!top.is_map) top.found.back().secret.path = "/" + std::to_string(top.position);
    }
    next();
  }

  static void note_sibling(Frame& map, const std::string& value) {
    if (map.key == "type") {
      map.webhook = map.webhook || is_webhook_type(value);
      map.named = map.named || value == "SECRET";
    }
    if (map.key == "id") map.id = value;
    if ((map.key == "id" || map.key == "name" || map.key == "key") && is_secret_name(value)) {
      map.named = true;
    }
  }

  static bool hides(const Frame& map, const std::string& member) {
    if (map.webhook && member == "key") return true;
    return map.named && (member == "value" || member == "defaults" || member == "default" ||
                         member == "prefill");
  }

  void close() {
    Frame done = std::move(stack_.back());
    stack_.pop_back();
    std::vector<Candidate> up;
    for (auto& candidate : done.found) {
      if (done.is_map) {
        candidate.certain = candidate.certain || hides(done, candidate.member);
        candidate.secret.path = "/" + candidate.member + candidate.secret.path;
      }
      // Below `defaults` and `value` a whole collection may be secret by what stands beside it.
      const bool open = !stack_.empty() && stack_.back().is_map && !stack_.back().at_key &&
                        (stack_.back().key == "value" || stack_.back().key == "defaults" ||
                         stack_.back().key == "default" || stack_.back().key == "prefill");
      if (candidate.certain || open) up.push_back(std::move(candidate));
    }
    if (stack_.empty()) {
      for (auto& candidate : up) out_.push_back(std::move(candidate.secret));
      return;
    }
    Frame& top = stack_.back();
    for (auto& candidate : up) {
      if (top.is_map) {
        candidate.member = top.key;
      } else {
        const std::string piece = done.id.empty() ? std::to_string(top.position) : done.id;
        candidate.secret.path = "/" + piece + candidate.secret.path;
      }
      top.found.push_back(std::move(candidate));
    }
    next();
  }

  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, YamlSecret> anchors_;
  std::vector<YamlSecret> out_;
  std::size_t nodes_ = 0;
  bool lost_ = false;
};

bool readable(std::string_view text) {
  if (!is_utf8(text) || text.starts_with("\xEF\xBB\xBF")) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F;
  });
}

}  // namespace

std::optional<std::vector<YamlSecret>> find_yaml_secrets(std::string_view text) {
  if (!readable(text)) return std::nullopt;
  Reader reader;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(reader)) {
    }
  } catch (const YAML::Exception&) {
    return std::nullopt;
  } catch (const TooLarge&) {
    return std::nullopt;
  }
  if (reader.lost()) return std::nullopt;
  auto found = reader.take();
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return found;
}

}  // namespace daybook::kestra
