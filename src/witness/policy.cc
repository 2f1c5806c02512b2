// SPDX-License-Identifier: Apache-2.0
#include "daybook/witness/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace daybook::witness {
namespace {

constexpr std::size_t kLinesMax = 1024;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  constexpr std::string_view blanks = " \t";
  for (std::size_t at = line.find_first_not_of(blanks); at != std::string_view::npos;
       at = line.find_first_not_of(blanks, at)) {
    const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
    out.push_back(line.substr(at, end - at));
    at = end;
    if (at == line.size()) break;
  }
  return out;
}

Error wrong(std::string text) {
  return Error{Errc::invalid, std::move(text)};
}

class PolicyParser {
 public:
  Status take(const std::vector<std::string_view>& words) {
    if (words[0] == "log") return take_log(words);
    if (words[0] == "witness") return take_witness(words);
    if (words[0] == "group") return take_group(words);
    if (words[0] == "quorum") return take_quorum(words);
    return wrong("expected log, witness, group or quorum");
  }

  Result<Policy> finish() {
    if (!has_quorum_line_) return wrong("no quorum line");
    return std::move(policy_);
  }

 private:
  Status take_log(const std::vector<std::string_view>& words) {
    if (words.size() != 2 && words.size() != 3) return wrong("expected log VKEY [URL]");
    DAYBOOK_ASSIGN_OR_RETURN(auto key, crypto::NoteVerifier::parse(words[1]));
    DAYBOOK_RETURN_IF_ERROR(take_key(key));
    policy_.logs.push_back(std::move(key));
    return {};
  }

  Status take_witness(const std::vector<std::string_view>& words) {
    if (words.size() != 3 && words.size() != 4) return wrong("expected witness NAME VKEY [URL]");
    DAYBOOK_RETURN_IF_ERROR(take_name(words[1]));
    DAYBOOK_ASSIGN_OR_RETURN(auto key, crypto::NoteVerifier::parse(words[2]));
    if (key.type() != crypto::kNoteCosignatureV1) {
      return wrong("the key of a witness is one for cosignatures (type 4)");
    }
    DAYBOOK_RETURN_IF_ERROR(take_key(key));
    policy_.witnesses.push_back(
        {std::string(words[1]), std::move(key), std::string(words.size() == 4 ? words[3] : "")});
    return {};
  }

  Status take_group(const std::vector<std::string_view>& words) {
    if (words.size() < 4) return wrong("expected group NAME any|all|K MEMBER…");
    PolicyGroup group{std::string(words[1]), 0, {}};
    for (const std::string_view member : std::vector(words.begin() + 3, words.end())) {
      const auto found = grouped_.find(member);
      if (found == grouped_.end()) return wrong("a member that is not defined before");
      if (std::exchange(found->second, true)) return wrong("a member of two groups");
      group.members.emplace_back(member);
    }
    DAYBOOK_ASSIGN_OR_RETURN(group.threshold, threshold_of(words[2], group.members.size()));
    DAYBOOK_RETURN_IF_ERROR(take_name(words[1]));
    policy_.groups.push_back(std::move(group));
    return {};
  }

  Status take_quorum(const std::vector<std::string_view>& words) {
    if (words.size() != 2) return wrong("expected quorum NAME|none");
    if (std::exchange(has_quorum_line_, true)) return wrong("a second quorum line");
    if (words[1] != "none" && !grouped_.contains(words[1])) {
      return wrong("a quorum that is not defined before");
    }
    policy_.quorum = words[1];
    return {};
  }

  static Result<std::size_t> threshold_of(std::string_view word, std::size_t members) {
    if (word == "any") return std::size_t{1};
    if (word == "all") return members;
    std::size_t value = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failure != std::errc() || end != word.data() + word.size() || value == 0 ||
        value > members) {
      return wrong("a threshold is any, all, or a number of the members");
    }
    return value;
  }

  Status take_name(std::string_view name) {
    if (name == "none" || !grouped_.emplace(name, false).second) {
      return wrong("a name that is taken");
    }
    return {};
  }

  Status take_key(const crypto::NoteVerifier& key) {
    // The public key itself, whatever it is called: behind the second `+`.
    const std::string vkey = key.vkey();
    const std::string bytes = vkey.substr(vkey.find('+', vkey.find('+') + 1));
    const bool known = std::find(keys_.begin(), keys_.end(), bytes) != keys_.end();
    if (known) return wrong("a key that stands there already");
    keys_.push_back(bytes);
    return {};
  }

  Policy policy_;
  std::map<std::string, bool, std::less<>> grouped_;  // Names, and whether a group has them.
  std::vector<std::string> keys_;
  bool has_quorum_line_ = false;
};

bool holds(const Policy& policy, std::string_view name, const std::set<std::string>& by) {
  for (const PolicyGroup& group : policy.groups) {
    if (group.name != name) continue;
    const auto there =
        std::count_if(group.members.begin(), group.members.end(),
                      [&](const std::string& member) { return holds(policy, member, by); });
    return static_cast<std::size_t>(there) >= group.threshold;
  }
  return by.contains(std::string(name));
}

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  PolicyParser parser;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (++number > kLinesMax) return wrong("too many lines");
    const auto words = words_of(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (const Status taken = parser.take(words); !taken) {
      return wrong(fmt::format("line {}: {}", number, taken.error().context));
    }
  }
  return parser.finish();
}

bool has_quorum(const Policy& policy, const std::set<std::string>& cosigned_by) {
  return policy.quorum == "none" || holds(policy, policy.quorum, cosigned_by);
}

}  // namespace daybook::witness
