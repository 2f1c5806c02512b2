// SPDX-License-Identifier: Apache-2.0
#include "option_groups.h"

namespace daybook::app {

void add_where(CLI::App& command, Where& where) {
  auto* data = command.add_option("--data", where.data,
                                  "Data directory; a running server is asked through it");
  auto* server =
      command.add_option("--server", where.server, "URL of a server (or DAYBOOK_SERVER)");
  server->excludes(data);
  command
      .add_option("--keys", where.keys,
                  "Directory of the signing key, if it is not in DIR; used without a server")
      ->needs(data);
  command.add_option("--token", where.token,
                     "Bearer token; seen by everybody on this machine, DAYBOOK_TOKEN is not");
  command.add_option("--login", where.login, "User name; the password is asked for");
  command.add_flag("--password-stdin", where.password_stdin,
                   "Read the password from standard input");
  command.add_option("--tenant", where.tenant, "Only this tenant; absent = all tenants");
}

void add_words(CLI::App& command, terminal::FilterWords& words) {
  command.add_option("FILTER", words.filters, "name=value as in the HTTP API");
  constexpr const char* kGroup = "Filters";
  command.add_option("--user", words.users, "User name; repeated: any of them")
      ->expected(1)
      ->take_all()
      ->group(kGroup);
  command.add_option("--resource", words.resources, "Resource type, such as FLOW; repeatable")
      ->expected(1)
      ->take_all()
      ->group(kGroup);
  command.add_option("--action", words.actions, "Type, such as UPDATE; repeatable")
      ->expected(1)
      ->take_all()
      ->group(kGroup);
  command.add_option("--namespace", words.namespace_, "Namespace and everything below it")
      ->group(kGroup);
  command.add_option("--flow", words.flows, "Flow id; repeatable")
      ->expected(1)
      ->take_all()
      ->group(kGroup);
  command.add_option("--execution", words.executions, "Execution id; repeatable")
      ->expected(1)
      ->take_all()
      ->group(kGroup);
  command.add_option("--from", words.from, "From this time or day on, such as 2026-11-24T10:00")
      ->group(kGroup);
  command.add_option("--to", words.to, "Up to this time, or the end of this day")->group(kGroup);
  command.add_option("--since", words.since, "Back from now: 90s, 15m, 24h, 7d, 2w")->group(kGroup);
  command.add_option("--text", words.text, "Words that all occur")->group(kGroup);
}

void add_zone(CLI::App& command, TerminalRequest& request) {
  command.add_flag_callback(
      "--utc", [&request] { request.zone = terminal::Zone::utc; }, "Read and show times in UTC");
}

// `--output` where rows are shown; `--json` everywhere.
void add_json(CLI::App& command, TerminalRequest& request, const std::string& help) {
  command.add_flag_callback(
      "--json", [&request] { request.output = Output::json; }, help);
}

}  // namespace daybook::app
