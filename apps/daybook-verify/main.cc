// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <system_error>

#include "output.h"
#include "verify_request.h"

namespace daybook::app {
namespace {

int main(int argc, char** argv) {
  CLI::App app("daybook-verify: checks ledgers, exports and evidence of daybook", "daybook-verify");
  app.set_version_flag("--version", std::string("daybook-verify ") + DAYBOOK_VERSION);
  VerifyRequest request;
  app.add_option(
         "SOURCE", request.source,
         "File of evidence (JSON or page), data directory, static export, or URL of a server")
      ->required();
  app.add_option("--key", request.key, "The ledger's vkey, kept outside");
  app.add_option("--checkpoint", request.checkpoint, "A checkpoint saved earlier");
  app.add_option("--token", request.token, "For a URL: also check every part of every entry");
  app.add_flag("--json", request.json, "Answer as one JSON line");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    const int code = app.exit(stop);
    return code == 0 ? exit_good : exit_bad_use;
  }
  std::error_code unreadable;
  const bool is_file = std::filesystem::is_regular_file(request.source, unreadable);
  return is_file ? verify_evidence(request) : verify(request);
}

}  // namespace
}  // namespace daybook::app

int main(int argc, char** argv) {
  return daybook::app::main(argc, argv);
}
