// SPDX-License-Identifier: Apache-2.0
#include "flow_sources.h"

#include <array>

namespace daybook::demo {
namespace {

constexpr std::string_view kLedgerSync = R"(id: daily-ledger-sync
namespace: company.finance
description: Copies yesterday's ledger lines from the ERP into the warehouse and checks the sums.

labels:
  team: finance
  tier: critical

inputs:
  - id: day
    type: STRING
    defaults: yesterday
  - id: limit
    type: INT
    defaults: 50000

tasks:
  - id: extract
    type: io.kestra.plugin.jdbc.postgresql.Query
    url: jdbc:postgresql://erp.example.org:5432/ledger
    sql: SELECT * FROM ledger_line WHERE booked_on = '{{ inputs.day }}' LIMIT {{ inputs.limit }}
    timeout: @timeout@
  - id: load
    type: io.kestra.plugin.jdbc.postgresql.Batch
    table: @target@
    retry:
      type: constant
      maxAttempt: @attempts@
      interval: PT1M
  - id: check
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.load.rowCount }} lines of {{ inputs.day }} are in"
@notify@
triggers:
  - id: every-morning
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "@cron@"
)";

constexpr std::string_view kIngestOrders = R"(id: ingest-orders
namespace: company.sales
description: Takes orders in from the shop, one file an hour.

labels:
  team: sales

tasks:
  - id: fetch
    type: io.kestra.plugin.core.http.Download
    uri: https://shop.example.org/export/orders.csv
    timeout: @timeout@
  - id: store
    type: io.kestra.plugin.jdbc.postgresql.CopyIn
    table: @target@
    retry:
      type: exponential
      maxAttempt: @attempts@
      interval: PT30S
@notify@
triggers:
  - id: hourly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "@cron@"
  - id: shop-hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: 4wjtkzwVGBM9yKnjm3yv8r
)";

constexpr std::string_view kWeeklyDigest = R"(id: weekly-digest
namespace: company.marketing
description: Collects the week's figures and mails them to everybody.

inputs:
  - id: recipients
    type: STRING
    defaults: everybody@example.org

tasks:
  - id: figures
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.recipients }} {{ execution.startDate }}"
    timeout: @timeout@
  - id: render
    type: io.kestra.plugin.core.log.Log
    message: digest into @target@
    retry:
      type: constant
      maxAttempt: @attempts@
      interval: PT5M
@notify@
triggers:
  - id: monday
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "@cron@"
)";

constexpr std::string_view kRouteOptimiser = R"(id: route-optimiser
namespace: company.logistics
description: Plans tomorrow's tours; a planner has to approve them.

labels:
  team: logistics
  cost-centre: "4711"

tasks:
  - id: plan
    type: io.kestra.plugin.scripts.python.Commands
    namespaceFiles:
      enabled: true
    commands:
      - python scripts/optimise.py --out @target@
    timeout: @timeout@
    retry:
      type: constant
      maxAttempt: @attempts@
      interval: PT2M
  - id: approve
    type: io.kestra.plugin.core.flow.Pause
  - id: publish
    type: io.kestra.plugin.core.log.Log
    message: tours are out
@notify@
triggers:
  - id: evening
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "@cron@"
)";

constexpr std::string_view kInvoiceReminders = R"(id: invoice-reminders
namespace: company.finance
description: Reminds customers of invoices that are overdue.

tasks:
  - id: overdue
    type: io.kestra.plugin.core.log.Log
    message: looking for overdue invoices in @target@
    timeout: @timeout@
  - id: guard
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: mail relay refuses connections
    retry:
      type: constant
      maxAttempt: @attempts@
      interval: PT1M
@notify@
triggers:
  - id: working-day
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "@cron@"
)";

constexpr std::string_view kBackup = R"(id: nightly-backup
namespace: company.platform
description: Dumps the databases and keeps thirty days of them.

labels:
  team: platform

tasks:
  - id: dump
    type: io.kestra.plugin.scripts.shell.Commands
    commands:
      - pg_dump --format=custom --file=@target@.dump
    timeout: @timeout@
    retry:
      type: constant
      maxAttempt: @attempts@
      interval: PT10M
  - id: prune
    type: io.kestra.plugin.core.log.Log
    message: keeping 30 days
@notify@
triggers:
  - id: night
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "@cron@"
)";

constexpr std::array kFlows = {
    FlowSource{"company.finance", "daily-ledger-sync", kLedgerSync},
    FlowSource{"company.sales", "ingest-orders", kIngestOrders},
    FlowSource{"company.marketing", "weekly-digest", kWeeklyDigest},
    FlowSource{"company.logistics", "route-optimiser", kRouteOptimiser},
    FlowSource{"company.finance", "invoice-reminders", kInvoiceReminders},
    FlowSource{"company.platform", "nightly-backup", kBackup},
};

struct Parameter {
  std::string_view mark;
  std::array<std::string_view, 4> values;  // Taken in turn.
};

constexpr std::string_view kNotifyOps = R"(
errors:
  - id: tell-ops
    type: io.kestra.plugin.notifications.slack.SlackExecution
    channel: "#ops"
)";
constexpr std::string_view kNotifyOwners = R"(
errors:
  - id: tell-owners
    type: io.kestra.plugin.notifications.mail.MailExecution
    to: owners@example.org
)";

constexpr std::array kParameters = {
    Parameter{"@timeout@", {"PT10M", "PT15M", "PT30M", "PT20M"}},
    Parameter{"@notify@", {"", kNotifyOps, kNotifyOwners, kNotifyOps}},
    Parameter{"@attempts@", {"3", "5", "4", "2"}},
    Parameter{"@cron@", {"0 6 * * *", "30 5 * * *", "15 6 * * 1-5", "0 7 * * 1-5"}},
    Parameter{"@target@", {"staging.lines", "warehouse.lines", "warehouse.lines_v2", "mart.lines"}},
};

void replace_all(std::string& text, std::string_view mark, std::string_view value) {
  for (auto at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
}

}  // namespace

std::span<const FlowSource> flow_sources() {
  return kFlows;
}

std::string source_after(const FlowSource& flow, unsigned edits) {
  std::string text(flow.text);
  const auto count = static_cast<unsigned>(kParameters.size());
  for (unsigned k = 0; k < count; ++k) {
    // Edit n changes parameter (n - 1) mod count, so exactly one of them differs between versions.
    const unsigned changes = (edits + count - 1 - k) / count;
    const Parameter& parameter = kParameters[k];
    replace_all(text, parameter.mark, parameter.values[changes % parameter.values.size()]);
  }
  return text;
}

}  // namespace daybook::demo
