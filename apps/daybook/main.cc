// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>

#include "commands.h"
#include "erasure_options.h"
#include "output.h"
#include "terminal_options.h"

namespace daybook::app {
namespace {

// The command line: options are collected into these, then the command that was named runs.
struct Arguments {
  Config config;
  std::string config_file;
  AccountTarget target;
  NewAccount account;
  std::string expires;
  VerifyRequest verify;
  std::string out;
  std::filesystem::path keys;
  bool password_stdin = false;
  std::uint64_t accept_loss = 0;
  RestoreRequest restore;
  RulesTest rules_test;
};

void add_target(CLI::App& command, AccountTarget& target) {
  auto* data = command.add_option("--data", target.data,
                                  "Data directory; a running server is asked through it");
  auto* server = command.add_option("--server", target.server, "URL of a server")->excludes(data);
  command
      .add_option("--keys", target.keys,
                  "Directory of the signing key, if it is not in DIR; used without a server")
      ->needs(data);
  command.add_option("--token", target.token, "Bearer token for --server (or DAYBOOK_TOKEN)")
      ->needs(server);
  command.add_flag("--json", target.json, "Answer as one JSON line");
}

void add_account(CLI::App& command, NewAccount& account, const char* what) {
  command.add_option("NAME", account.name, what)->required();
  command.add_option("--role", account.role, "admin, auditor, viewer, writer or gateway")
      ->required();
  command.add_option("--tenant", account.tenant, "The tenant it is for; absent = all tenants");
}

void add_serve(CLI::App& app, Arguments& arguments) {
  auto* serve =
      app.add_subcommand("serve", "Run the server, and the gateway if --gateway is given");
  serve->add_option("--data", arguments.config.data, "Data directory, made if missing")->required();
  serve->add_option("--config", arguments.config_file, "Configuration file (YAML)");
  serve->add_option("--listen", arguments.config.listen, "host:port of API and UI; port 0 = any")
      ->capture_default_str();
  serve->add_option("--gateway", arguments.config.gateway, "host:port of the gateway");
  serve->add_option("--upstream", arguments.config.upstream,
                    "URL of the Kestra server behind the gateway");
  serve->add_option("--checkpoint", arguments.config.known_checkpoint,
                    "A checkpoint kept outside: serve only if the ledger holds it");

  auto* demo = app.add_subcommand(
      "demo", "Server, gateway, a stand-in for Kestra, and people who act on it");
  demo->add_option("--data", arguments.config.data, "Data directory, made if missing")->required();
  demo->add_option("--listen", arguments.config.listen, "host:port of API and UI")
      ->capture_default_str();
  demo->add_option("--gateway", arguments.config.gateway, "host:port of the gateway")
      ->default_str("127.0.0.1:8087");
}

void add_rules(CLI::App& app, Arguments& arguments) {
  auto* rules = app.add_subcommand("rules", "The gateway's rule file")->require_subcommand(1);
  auto* check = rules->add_subcommand("check", "Whether a file is good; else line and column");
  check->add_option("FILE", arguments.rules_test.rules, "Rule file")->required();
  check->add_flag("--json", arguments.verify.json, "Answer as one JSON line");
  auto* test = rules->add_subcommand("test", "What would be recorded of a request; sends nothing");
  test->add_option("METHOD", arguments.rules_test.method, "GET, POST ...")->required();
  test->add_option("PATH", arguments.rules_test.path, "Path, with query if there is one")
      ->required();
  test->add_option("--body", arguments.rules_test.body, "File with the request's body");
  test->add_option("--type", arguments.rules_test.content_type, "Content-Type of the body");
  test->add_option("--rules", arguments.rules_test.rules, "Rule file instead of the built-in one");
  test->add_flag("--json", arguments.verify.json, "Answer as one JSON line");
}

void add_accounts(CLI::App& app, Arguments& arguments) {
  auto* user = app.add_subcommand("user", "People")->require_subcommand(1);
  auto* create =
      user->add_subcommand("create", "Make a user; the password comes from standard input");
  add_account(*create, arguments.account, "User name");
  create->add_option("--email", arguments.account.email, "Mail address");
  create->add_option("--name", arguments.account.full_name, "Full name");
  create
      ->add_flag("--password-stdin", arguments.password_stdin,
                 "Read the password from standard input")
      ->required();
  add_target(*create, arguments.target);

  auto* service = app.add_subcommand("service-account", "Programs")->require_subcommand(1);
  create = service->add_subcommand("create", "Make a service account");
  add_account(*create, arguments.account, "Service account name");
  add_target(*create, arguments.target);

  auto* token = app.add_subcommand("token", "Tokens of service accounts")->require_subcommand(1);
  create = token->add_subcommand("create", "Make a token; it is shown once");
  create->add_option("--service-account", arguments.account.name, "Whose token")->required();
  create->add_option("--expires", arguments.expires, "PnD: after n days; absent = never");
  add_target(*create, arguments.target);
}

void add_proofs(CLI::App& app, Arguments& arguments) {
  auto* verify = app.add_subcommand(
      "verify", "Check a ledger: every byte, commitment, leaf, proof and signature");
  verify
      ->add_option("SOURCE", arguments.verify.source,
                   "Data directory, static export, or URL of a server")
      ->required();
  verify->add_option("--key", arguments.verify.key, "The ledger's vkey, kept outside");
  auto* saved =
      verify->add_option("--checkpoint", arguments.verify.checkpoint, "A checkpoint saved earlier");
  verify
      ->add_option_function<std::string>(
          "--since",
          [&arguments](const std::string& file) {
            arguments.verify.checkpoint = file;
            arguments.verify.since = true;
          },
          "The same, and of a directory only what came after it")
      ->excludes(saved);
  verify->add_option("--token", arguments.verify.token,
                     "For a URL: also check every part of every entry");
  verify->add_flag("--json", arguments.verify.json, "Answer as one JSON line");

  auto* evidence = app.add_subcommand(
      "verify-evidence", "Check a file of evidence: every part, leaf, proof and the signature");
  evidence->add_option("FILE", arguments.verify.source, "JSON, or a page that carries it")
      ->required();
  evidence->add_option("--key", arguments.verify.key, "The ledger's vkey, kept outside");
  evidence->add_option("--checkpoint", arguments.verify.checkpoint, "A checkpoint saved earlier");
  evidence->add_flag("--json", arguments.verify.json, "Answer as one JSON line");

  auto* exported =
      app.add_subcommand("tlog-export", "Write the ledger as static tiles for third-party tools");
  exported->add_option("DIR", arguments.verify.source, "Data directory")->required();
  exported->add_option("OUT", arguments.out, "Missing or empty directory")->required();
  exported->add_option("--keys", arguments.keys,
                       "Directory of the signing key, if it is not in DIR");
  exported->add_flag("--json", arguments.verify.json, "Answer as one JSON line");
}

void add_recover(CLI::App& app, Arguments& arguments) {
  auto* recover = app.add_subcommand(
      "recover", "Check every byte after writing had to stop, so that `serve` writes again");
  recover->add_option("--data", arguments.config.data, "Data directory")->required();
  recover->add_option("--accept-loss", arguments.accept_loss,
                      "Cut damage behind the last signed checkpoint if at most N entries go");
  recover->add_flag("--json", arguments.verify.json, "Answer as one JSON line");
}

void add_backup(CLI::App& app, Arguments& arguments) {
  auto* backup = app.add_subcommand(
      "backup", "Copy ledger and accounts at the latest checkpoint and verify the copy");
  backup->add_option("--data", arguments.config.data, "Data directory; a server may run")
      ->required();
  backup->add_option("OUT", arguments.out, "Missing or empty directory")->required();
  backup->add_flag("--json", arguments.verify.json, "Answer as one JSON line");

  auto* restore = app.add_subcommand(
      "restore", "Make a data directory from a copy; a new origin begins unless told otherwise");
  RestoreRequest& request = arguments.restore;
  restore->add_option("BACKUP", request.backup, "What `backup` made, or another whole copy")
      ->required();
  restore->add_option("DIR", request.data, "Missing, empty, or with the keys alone")->required();
  auto* checkpoint = restore->add_option(
      "--checkpoint", request.checkpoint,
      "The largest checkpoint that anybody outside holds; needed by --same-origin");
  auto* same = restore->add_flag("--same-origin", request.same_origin,
                                 "Go on under the old origin, if the copy reaches that far");
  same->needs(checkpoint);
  restore->add_option("--origin", request.origin, "Of the new ledger; made if absent")
      ->excludes(same);
  restore->add_option("--keys", request.keys, "Directory of the signing key, if not DIR/keys");
  restore->add_option("--why", request.why, "Stands in the entry that names the old ledger");
  restore->add_flag("--json", arguments.verify.json, "Answer as one JSON line");
}

int run(const CLI::App& app, Arguments& arguments) {
  if (app.got_subcommand("serve")) {
    std::optional<std::filesystem::path> file;
    if (!arguments.config_file.empty()) file = arguments.config_file;
    return serve(std::move(arguments.config), file);
  }
  if (app.got_subcommand("demo")) return demo(std::move(arguments.config));
  if (app.got_subcommand("verify")) return verify(arguments.verify);
  if (app.got_subcommand("verify-evidence")) return verify_evidence(arguments.verify);
  if (app.got_subcommand("recover"))
    return recover(arguments.config.data, arguments.accept_loss, arguments.verify.json);
  if (app.got_subcommand("backup"))
    return backup(arguments.config.data, arguments.out, arguments.verify.json);
  if (app.got_subcommand("restore")) return restore(arguments.restore, arguments.verify.json);
  if (app.got_subcommand("tlog-export"))
    return tlog_export(arguments.verify.source, arguments.out, arguments.keys,
                       arguments.verify.json);
  if (const auto* rules = app.get_subcommand("rules"); rules->parsed()) {
    return rules->got_subcommand("check")
               ? check_rules(arguments.rules_test.rules, arguments.verify.json)
               : test_rules(arguments.rules_test, arguments.verify.json);
  }
  if (arguments.target.data.empty() && arguments.target.server.empty()) {
    return report({.code = Errc::invalid, .context = "say where: --data DIR or --server URL"});
  }
  if (app.got_subcommand("user")) return create_user(arguments.target, arguments.account);
  if (app.got_subcommand("service-account"))
    return create_service_account(arguments.target, arguments.account);
  return create_token(arguments.target, arguments.account.name, arguments.expires);
}

int main(int argc, char** argv) {
  CLI::App app("daybook: an audit log that can prove itself", "daybook");
  app.set_version_flag("--version", std::string("daybook ") + DAYBOOK_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every command");
  Arguments arguments;
  TerminalOptions terminal(app);
  ErasureOptions erasure(app);
  add_serve(app, arguments);
  add_accounts(app, arguments);
  add_rules(app, arguments);
  add_proofs(app, arguments);
  add_recover(app, arguments);
  add_backup(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    const int code = app.exit(stop);
    return code == 0 ? exit_good : exit_bad_use;
  }
  if (const auto code = terminal.run()) return *code;
  if (const auto code = erasure.run()) return *code;
  return run(app, arguments);
}

}  // namespace
}  // namespace daybook::app

int main(int argc, char** argv) {
  return daybook::app::main(argc, argv);
}
