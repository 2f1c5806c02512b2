// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace daybook::app {

// The commands that check, shared by `daybook` and `daybook-verify`; each answers the process's
// exit code.

struct VerifyRequest {
  std::string source;  // Data directory, static export, URL, or a file of evidence.
  std::string key;
  std::filesystem::path checkpoint;
  bool since = false;  // Only what came after `checkpoint`.
  std::string token;
  bool json = false;
};
// A ledger: a data directory, a static export of one, or a server's URL.
int verify(const VerifyRequest& request);
// A file of evidence, JSON or page.
int verify_evidence(const VerifyRequest& request);

}  // namespace daybook::app
