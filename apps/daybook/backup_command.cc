// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/db/copy_database.h"
#include "daybook/ledger/backup.h"
#include "daybook/record/json.h"

#include "commands.h"
#include "output.h"
#include "verify_trust.h"

namespace daybook::app {
namespace {

using record::Json;

constexpr const char* kDatabase = "state.db";

// The other copy may have none: a ledger alone is a backup too.
Status copy_accounts(const std::filesystem::path& from, const std::filesystem::path& to) {
  const Status copied = db::copy_database(from / kDatabase, to / kDatabase);
  if (!copied && copied.error().code == Errc::not_found) return {};
  if (!copied) return copied;
  return posix_file_system().sync_dir(to);
}

Result<ledger::BackupReport> make_backup(const std::filesystem::path& data,
                                         const std::filesystem::path& out) {
  DAYBOOK_ASSIGN_OR_RETURN(auto report, ledger::backup_directory(posix_file_system(), data, out));
  DAYBOOK_RETURN_IF_ERROR(copy_accounts(data, out));
  return report;
}

Result<ledger::RestoreReport> make_restored(const RestoreRequest& request) {
  ledger::RestoreOptions options;
  options.keys_dir = request.keys;
  options.same_origin = request.same_origin;
  options.new_origin = request.origin;
  options.why = request.why;
  if (!request.checkpoint.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(options.known_checkpoint, read_checkpoint(request.checkpoint));
  }
  DAYBOOK_ASSIGN_OR_RETURN(
      auto report, ledger::restore_directory(posix_file_system(), request.backup, request.data,
                                             options, system_clock(), system_random()));
  DAYBOOK_RETURN_IF_ERROR(copy_accounts(request.backup, request.data));
  return report;
}

}  // namespace

int backup(const std::filesystem::path& data, const std::filesystem::path& out, bool json) {
  const auto made = make_backup(data, out);
  if (!made && made.error().code == Errc::exists) {
    static_cast<void>(report(made.error()));
    return exit_bad_use;
  }
  if (!made) return report_cannot_run(made.error());
  if (json) {
    print_line(Json{{"ok", true},
                    {"treeSize", made->tree_size},
                    {"rootHash", to_hex(made->root)},
                    {"origin", made->origin},
                    {"out", out.string()}}
                   .dump());
  } else {
    print_line(
        fmt::format("OK  {} entries copied to {} and verified", made->tree_size, out.string()));
  }
  return exit_good;
}

int restore(const RestoreRequest& request, bool json) {
  const auto made = make_restored(request);
  if (!made) {
    static_cast<void>(report(made.error()));
    switch (made.error().code) {
      case Errc::exists:
      case Errc::invalid:
        return exit_bad_use;
      case Errc::corrupt:
      case Errc::denied:
        return exit_no;
      default:
        return exit_cannot_run;
    }
  }
  if (json) {
    print_line(Json{{"ok", true},
                    {"origin", made->origin},
                    {"treeSize", made->tree_size},
                    {"restored",
                     {{"origin", made->old.origin},
                      {"treeSize", made->old.tree_size},
                      {"rootHash", to_hex(made->old.root)}}}}
                   .dump());
  } else {
    print_line(fmt::format("OK  {} entries of {} are in {}, which goes on as {}",
                           made->old.tree_size, made->old.origin, request.data.string(),
                           made->origin));
  }
  return exit_good;
}

}  // namespace daybook::app
