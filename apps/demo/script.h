// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "daybook/core/random.h"

namespace daybook::demo {

// One request that somebody makes. `{execution:FLOW}` in target and body stands for the id of the
// execution of that flow started last.
struct Act {
  std::string actor;
  std::string method;
  std::string target;
  std::string content_type = {};
  std::string body = {};
  std::string ttl = {};     // Header of KV values.
  std::string starts = {};  // Flow whose execution id the answer holds.
  bool wrong_password = false;
};

// What people do all day. Threads: one at a time.
class Script {
 public:
  explicit Script(Random& random) : random_(random) {}
  // The acts that fill the page at the start, in order: about 120.
  std::vector<Act> seed();
  // One more act of an ordinary day.
  Act next();

 private:
  void first_day(std::vector<Act>& acts);
  void ordinary_days(std::vector<Act>& acts);
  void mistakes(std::vector<Act>& acts);
  void clean_up(std::vector<Act>& acts);
  Act update(std::size_t flow, std::string actor);
  std::size_t below(std::size_t bound);

  Random& random_;
  std::array<unsigned, 16> edits_{};  // Per flow.
};

}  // namespace daybook::demo
