// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "daybook/core/file_system.h"
#include "daybook/ledger/verify.h"
#include "daybook/record/json.h"

#include "commands.h"
#include "output.h"

namespace daybook::app {

using record::Json;

int tlog_export(const std::filesystem::path& data, const std::filesystem::path& out,
                const std::filesystem::path& keys, bool json) {
  auto& fs = posix_file_system();
  // Without this a mistyped directory would be made a ledger of its own.
  if (const auto there = fs.exists(data / "ledger"); !there || !*there) {
    return report_cannot_run(
        {.code = Errc::not_found, .context = "no ledger there", .path = data.string()});
  }
  const auto size = ledger::export_static(fs, data, out, keys);
  if (!size && size.error().code == Errc::exists) {
    static_cast<void>(report(size.error()));
    return exit_bad_use;
  }
  if (!size) return report_cannot_run(size.error());
  if (json) {
    print_line(Json{{"treeSize", *size}, {"out", out.string()}}.dump());
  } else {
    print_line(fmt::format("{} entries exported to {}", *size, out.string()));
  }
  return exit_good;
}

}  // namespace daybook::app
