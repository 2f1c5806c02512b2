// SPDX-License-Identifier: Apache-2.0
#include "terminal_options.h"

#include <map>
#include <string>

#include "option_groups.h"

namespace daybook::app {
namespace {

constexpr const char* kFilterHelp =
    "\nA FILTER is name=value as in the HTTP API: namespace=company.team, type=UPDATE, q=words,\n"
    "'filters[resources][IN]=FLOW,EXECUTION', 'filters[details][EQUALS][key]=value',\n"
    "'filters[or][0][userId][EQUALS]=u1' ...; or '?...', the query string of a link.\n"
    "All filters must hold. Times without an offset are local times, or UTC with --utc.\n"
    "\nCredentials for --server: DAYBOOK_TOKEN, or DAYBOOK_USERNAME and DAYBOOK_PASSWORD.\n";

void add_output(CLI::App& command, TerminalRequest& request) {
  const std::map<std::string, Output> words{{"table", Output::table}, {"json", Output::json}};
  auto* output =
      command.add_option("--output", request.output, "table (default on a terminal) or json");
  output->transform(CLI::CheckedTransformer(words));
  output->default_str("");
  add_json(command, request, "One JSON object a line, as the HTTP API answers");
}

}  // namespace

TerminalOptions::TerminalOptions(CLI::App& app) : app_(app) {
  add_search();
  add_tail();
  add_export();
  add_import();
  add_key();
}

void TerminalOptions::add_search() {
  auto* command = app_.add_subcommand("search", "Find entries, newest first");
  add_where(*command, search_.common.where);
  add_words(*command, search_.common.words);
  add_zone(*command, search_.common);
  add_output(*command, search_.common);
  command->add_option("--limit", search_.limit, "Most entries to show")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--page", search_.page, "1-based, in steps of --limit")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--sort", search_.sort, "date:asc, type:desc ...; repeatable")
      ->expected(1)
      ->take_all();
  auto* count = command->add_flag("--count", search_.count, "Only how many there are");
  command->add_option("--by", search_.by, "Counts by resource, type, userId ...: resource,type")
      ->excludes(count);
  command->add_option("--top", search_.top, "With --by: most groups to show")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->footer(std::string(kFilterHelp) +
                  "\nExamples\n"
                  "  daybook search --data data/demo --user jane.doe --since 24h\n"
                  "  daybook search --server http://127.0.0.1:8086 --tenant main q=ledger --json\n"
                  "  daybook search --data data/demo --namespace company --by resource,type\n"
                  "  daybook search --data data/demo 'filters[type][NOT_IN]=READ' --count\n");
}

void TerminalOptions::add_tail() {
  auto* command = app_.add_subcommand("tail", "Show entries as they are stored");
  add_where(*command, tail_.common.where);
  add_words(*command, tail_.common.words);
  add_zone(*command, tail_.common);
  add_output(*command, tail_.common);
  command->add_option("--last", tail_.last, "First show this many that are there already")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command->footer(
      std::string(kFilterHelp) +
      "\nIt goes on until Ctrl-C; a lost connection is made again where it broke off:\n"
      "no entry is left out, none is shown twice.\n"
      "\nExamples\n"
      "  daybook tail --data data/demo --tenant main\n"
      "  daybook tail --server http://127.0.0.1:8086 --last 0 --action DELETE --json\n");
}

void TerminalOptions::add_export() {
  auto* command = app_.add_subcommand("export", "Write all entries that match");
  add_where(*command, export_.common.where);
  add_words(*command, export_.common.words);
  add_zone(*command, export_.common);
  add_json(*command, export_.common, "With -o: report as one JSON line");
  command->add_option("--format", export_.format, "csv, ndjson or json")
      ->check(CLI::IsMember({"csv", "ndjson", "json"}))
      ->capture_default_str();
  command->add_option("-o,--out", export_.out, "File; absent or - = standard output");
  command->footer(
      std::string(kFilterHelp) +
      "\nA file appears whole or not at all.\n"
      "\nExamples\n"
      "  daybook export --data data/demo -o all.csv\n"
      "  daybook export --server http://127.0.0.1:8086 --tenant main --format ndjson \\\n"
      "      --from 2026-11-01 --to 2026-11-30 -o november.ndjson\n"
      "  daybook export --data data/demo --format ndjson expand=daybook | zstd > all.zst\n");
}

void TerminalOptions::add_import() {
  auto* command =
      app_.add_subcommand("import", "Store events from a file, or entries that were exported");
  command->add_option("FILE", import_.file, "NDJSON or JSON, also gzip or zstd; - = standard input")
      ->required();
  add_where(*command, import_.common.where);
  add_words(*command, import_.common.words);
  add_zone(*command, import_.common);
  add_json(*command, import_.common, "Report as one JSON line");
  command->add_flag("--dry-run", import_.dry_run, "Read and check everything, store nothing");
  command->footer(
      std::string(kFilterHelp) +
      "\nRecords are events as POST .../auditlogs takes them (then --tenant is needed), or rows\n"
      "of export --format ndjson|json, which keep id, date, actor and tenant. What was imported\n"
      "before is not stored again. The first record that cannot be read stops it, with all\n"
      "before it stored (exit code 1); with filters only what matches is imported.\n"
      "\nExamples\n"
      "  daybook import events.ndjson.gz --data data/demo --tenant main --dry-run\n"
      "  zcat old.ndjson.gz | daybook import - --server http://127.0.0.1:8086 --tenant main\n"
      "  daybook import november.ndjson --data other --namespace company\n");
}

void TerminalOptions::add_key() {
  auto* key = app_.add_subcommand("key", "The key that signs checkpoints")->require_subcommand(1);
  auto* command = key->add_subcommand("rotate", "Make a new one; both sign for a while");
  add_where(*command, key_.where);
  command
      ->add_option("--overlap", key_.overlap, "How long both sign: 30d, 12h, 0s; at most 366d")
      ->capture_default_str();
  command->add_flag("--json", key_.json, "Answer as one JSON line");
}

std::optional<int> TerminalOptions::run() {
  if (app_.got_subcommand("search")) return search(search_);
  if (app_.got_subcommand("tail")) return tail(tail_);
  if (app_.got_subcommand("export")) return export_rows(export_);
  if (app_.got_subcommand("import")) return import_events(import_);
  if (app_.got_subcommand("key")) return rotate_key(key_);
  return std::nullopt;
}

}  // namespace daybook::app
