// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

namespace daybook::witness {

// Whom a verifier trusts (C2SP tlog-policy): logs, witnesses, groups of them, and which of these
// has to have cosigned.
struct PolicyWitness {
  std::string name;  // The policy's own word for it.
  crypto::NoteVerifier key;
  std::string url;  // Submission prefix; may be empty.
};
struct PolicyGroup {
  std::string name;
  std::size_t threshold = 1;
  std::vector<std::string> members;  // Witnesses and groups defined before.
};
struct Policy {
  std::vector<crypto::NoteVerifier> logs;
  std::vector<PolicyWitness> witnesses;
  std::vector<PolicyGroup> groups;
  std::string quorum;  // A witness, a group, or `none`.
};

// Errc::invalid with the line in the text: `line 3: …`.
Result<Policy> parse_policy(std::string_view text);

// Whether cosignatures by these witnesses (names of the policy) are enough.
[[nodiscard]] bool has_quorum(const Policy& policy, const std::set<std::string>& cosigned_by);

}  // namespace daybook::witness
