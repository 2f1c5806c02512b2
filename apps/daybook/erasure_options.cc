// SPDX-License-Identifier: Apache-2.0
#include "erasure_options.h"

#include "option_groups.h"

namespace daybook::app {

ErasureOptions::ErasureOptions(CLI::App& app) : app_(app) {
  add_redact();
  add_redaction();
  add_retention();
  add_hold();
}

void ErasureOptions::add_redact() {
  auto* command =
      app_.add_subcommand("redact", "Erase parts of entries for good; leaves and proofs stay");
  add_where(*command, redact_.common.where);
  add_words(*command, redact_.common.words);
  add_zone(*command, redact_.common);
  add_json(*command, redact_.common, "Answer as one JSON line");
  command->add_option("--config", redact_.common.where.config,
                      "The server's configuration, if none runs");
  auto* id = command->add_option("--id", redact_.id, "One entry, with --tenant if it has one");
  auto* index = command->add_option("--index", redact_.index, "One entry by its position");
  auto* person = command->add_option("--person", redact_.person,
                                     "All actor parts with this user id, name or address; "
                                     "repeatable");
  person->expected(1)->take_all()->excludes(id)->excludes(index);
  id->excludes(index);
  command->add_flag("--everywhere", redact_.everywhere, "Also other parts that name the person")
      ->needs(person);
  command->add_option("--part", redact_.parts, "event, actor or change; repeatable")
      ->expected(1)
      ->take_all()
      ->excludes(person)
      ->check(CLI::IsMember({"event", "actor", "change"}));
  command->add_option("--reason", redact_.reason, "Why; kept for ever, so it names nobody");
  command->add_flag("--dry-run", redact_.dry_run, "Only count");
  command->footer(
      "\nWhat is erased cannot be brought back. docs/erasure.md says what stays.\n"
      "\nExamples\n"
      "  daybook redact --data data/demo --person jane.doe --dry-run\n"
      "  daybook redact --data data/demo --person u-17 --everywhere --reason 'request 4711'\n"
      "  daybook redact --data data/demo --tenant main --id e1 --part change --reason 'ticket 9'\n"
      "  daybook redact --data data/demo --namespace company.old --part event --part change \\\n"
      "      --reason 'contract over'\n");
}

CLI::App* ErasureOptions::add_call(CLI::App& group, const std::string& name,
                                   const std::string& help, ErasureCall call) {
  auto* command = group.add_subcommand(name, help);
  add_where(*command, request_.common.where);
  add_json(*command, request_.common, "Answer as one JSON line");
  command->callback([this, call] {
    request_.call = call;
    named_ = true;
  });
  return command;
}

void ErasureOptions::add_redaction() {
  auto* group = app_.add_subcommand("redaction", "Redactions that wait for a second person");
  group->require_subcommand(1);
  add_call(*group, "list", "What is waiting", ErasureCall::redaction_list);
  auto* approve = add_call(*group, "approve", "Carry one out that somebody else asked for",
                           ErasureCall::redaction_approve);
  approve->add_option("ID", request_.id, "Of the request")->required();
  auto* withdraw = add_call(*group, "withdraw", "Take one back", ErasureCall::redaction_withdraw);
  withdraw->add_option("ID", request_.id, "Of the request")->required();
}

void ErasureOptions::add_retention() {
  auto* group = app_.add_subcommand("retention", "What age erases");
  group->require_subcommand(1);
  auto* list = add_call(*group, "list", "The policies", ErasureCall::retention_list);
  auto* run = add_call(*group, "run", "Erase what is old enough, now", ErasureCall::retention_run);
  for (auto* command : {list, run}) {
    command->add_option("--config", request_.common.where.config,
                        "Where the policies are, if no server runs");
  }
  run->add_flag("--dry-run", request_.dry_run, "Only count");
}

void ErasureOptions::add_hold() {
  auto* group = app_.add_subcommand("hold", "Legal holds: what may not be erased");
  group->require_subcommand(1);
  add_call(*group, "list", "The holds there are", ErasureCall::hold_list);
  auto* add = add_call(*group, "add", "Forbid redaction and retention", ErasureCall::hold_add);
  add_words(*add, request_.common.words);
  add_zone(*add, request_.common);
  add->add_option("--reason", request_.reason, "Why; kept for ever")->required();
  auto* remove = add_call(*group, "remove", "End a hold", ErasureCall::hold_remove);
  remove->add_option("ID", request_.id, "Of the hold")->required();
  remove->add_option("--reason", request_.reason, "Why; kept for ever")->required();
}

std::optional<int> ErasureOptions::run() {
  if (app_.got_subcommand("redact")) return redact(redact_);
  if (named_) return run_erasure(request_);
  return std::nullopt;
}

}  // namespace daybook::app
