// SPDX-License-Identifier: Apache-2.0
#include "script.h"

#include "daybook/core/percent.h"

#include "flow_sources.h"

namespace daybook::demo {
namespace {

constexpr std::string_view kApi = "/api/v1/main";
constexpr std::string_view kYaml = "application/x-yaml";
constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kForm = "multipart/form-data; boundary=daybookdemo7Qm2";

std::string api(std::string_view rest) {
  return std::string(kApi) + std::string(rest);
}

std::string form_part(std::string_view name, std::string_view file, std::string_view content) {
  std::string part = "--daybookdemo7Qm2\r\nContent-Disposition: form-data; name=\"";
  part += name;
  part += "\"";
  if (!file.empty()) {
    part += "; filename=\"" + std::string(file) + "\"\r\nContent-Type: application/octet-stream";
  }
  part += "\r\n\r\n" + std::string(content) + "\r\n";
  return part;
}

std::string form_end() {
  return "--daybookdemo7Qm2--\r\n";
}

Act create(std::string actor, const FlowSource& flow) {
  return {std::move(actor), "POST", api("/flows"), std::string(kYaml), source_after(flow, 0)};
}

Act run(std::string actor, std::string_view space, std::string_view flow,
        std::string_view query = "") {
  Act act{std::move(actor), "POST",
          api("/executions/" + std::string(space) + "/" + std::string(flow) + std::string(query))};
  act.starts = std::string(flow);
  return act;
}

Act run(std::string actor, const FlowSource& flow) {
  return run(std::move(actor), flow.space, flow.id);
}

// `verb` on the execution of `flow` started last, with the path of current SDKs.
Act on_execution(std::string actor, std::string method, std::string_view flow,
                 std::string_view verb, std::string body = {}) {
  Act act{std::move(actor), std::move(method),
          api("/executions/{execution:" + std::string(flow) + "}" + std::string(verb))};
  if (!body.empty()) {
    act.content_type = kJsonType;
    act.body = std::move(body);
  }
  return act;
}

Act put_value(std::string actor, std::string_view space, std::string_view key, std::string value,
              std::string ttl = {}) {
  Act act{std::move(actor), "PUT",
          api("/namespaces/" + std::string(space) + "/kv/" + std::string(key)),
          std::string(kJsonType), std::move(value)};
  act.ttl = std::move(ttl);
  return act;
}

Act put_file(std::string actor, std::string_view space, std::string_view path,
             std::string_view content) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return {std::move(actor), "POST",
          api("/namespaces/" + std::string(space) + "/files?path=" + percent_encode(path)),
          std::string(kForm), form_part("fileContent", name, content) + form_end()};
}

Act set_trigger(std::string actor, std::string_view space, std::string_view flow,
                std::string_view trigger, std::string_view disabled) {
  std::string body = R"({"namespace":")" + std::string(space) + R"(","flowId":")" +
                     std::string(flow) + R"(","triggerId":")" + std::string(trigger) +
                     R"(","disabled":)" + std::string(disabled) + "}";
  return {std::move(actor), "PUT", api("/triggers"), std::string(kJsonType), std::move(body)};
}

Act get(std::string actor, std::string_view rest) {
  return {std::move(actor), "GET", api(rest)};
}
Act remove(std::string actor, std::string_view rest) {
  return {std::move(actor), "DELETE", api(rest)};
}

constexpr std::array<const char*, 6> kOwners = {"jane.doe",    "ana.lopez", "mei.tanaka",
                                                "kofi.mensah", "jane.doe",  "backup-bot"};
constexpr std::string_view kScript1 =
    "import sys\n\ndef optimise(stops):\n    return sorted(stops)\n\nif __name__ == '__main__':\n"
    "    print(optimise(sys.argv[1:]))\n";
constexpr std::string_view kScript2 =
    "import sys\n\ndef optimise(stops, seed=42):\n    # shortest tour first\n    return "
    "sorted(stops, key=len)"
    "\n\nif __name__ == '__main__':\n    print(optimise(sys.argv[1:]))\n";

}  // namespace

std::size_t Script::below(std::size_t bound) {
  std::array<std::uint8_t, 4> bytes{};
  random_.fill(bytes);
  std::size_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = value * 256 + byte;
  }
  return value % bound;
}

Act Script::update(std::size_t flow, std::string actor) {
  const FlowSource& source = flow_sources()[flow];
  return {std::move(actor), "PUT",
          api("/flows/" + std::string(source.space) + "/" + std::string(source.id)),
          std::string(kYaml), source_after(source, ++edits_.at(flow))};
}

std::vector<Act> Script::seed() {
  std::vector<Act> acts;
  first_day(acts);
  for (int day = 0; day < 3; ++day) {
    ordinary_days(acts);
    mistakes(acts);
  }
  clean_up(acts);
  return acts;
}

void Script::first_day(std::vector<Act>& acts) {
  const auto flows = flow_sources();
  for (std::size_t i = 0; i < flows.size(); ++i) {
    acts.push_back(create(kOwners.at(i), flows[i]));
  }
  acts.push_back(put_file("mei.tanaka", "company.logistics", "/scripts/optimise.py", kScript1));
  acts.push_back(put_file("mei.tanaka", "company.logistics", "/scripts/depots.csv",
                          "depot,city\n1,Lyon\n2,Graz\n3,Porto\n"));
  acts.push_back(put_value("jane.doe", "company.finance", "fiscal_year", "2026"));
  acts.push_back(put_value("jane.doe", "company.finance", "book_closed", "false"));
  acts.push_back(put_value("ana.lopez", "company.sales", "shop",
                           R"({"url":"https://shop.example.org","page_size":500})"));
  acts.push_back(put_value("ci-deployer", "company.platform", "release", R"("2026.47.1")", "P7D"));
}

void Script::ordinary_days(std::vector<Act>& acts) {
  const auto flows = flow_sources();
  acts.push_back(update(0, "jane.doe"));
  acts.push_back(run("jane.doe", flows[0]));
  acts.push_back(run("ana.lopez", flows[1]));
  acts.push_back(on_execution("ana.lopez", "POST", "ingest-orders", "/actions/labels",
                              R"([{"key":"batch","value":"manual"}])"));
  acts.push_back(update(3, "mei.tanaka"));
  acts.push_back(put_file("mei.tanaka", "company.logistics", "/scripts/optimise.py",
                          edits_[3] % 2 == 0 ? kScript1 : kScript2));
  acts.push_back(run("mei.tanaka", flows[3]));
  acts.push_back(run("kofi.mensah", flows[4]));
  acts.push_back(update(1, "ci-deployer"));
  acts.push_back(update(5, "ci-deployer"));
  acts.push_back(run("backup-bot", flows[5]));
  acts.push_back(put_value("backup-bot", "company.platform", "last_backup",
                           R"({"rows":)" + std::to_string(120'000 + below(9'000)) + "}"));
  acts.push_back(set_trigger("kofi.mensah", "company.finance", "invoice-reminders", "working-day",
                             edits_[5] % 2 == 0 ? "false" : "true"));
  acts.push_back(update(2, "j.ortega"));
  acts.push_back(run("j.ortega", "company.marketing", "weekly-digest", "?labels=edition:draft"));
  acts.push_back(get("kofi.mensah", "/executions/{execution:invoice-reminders}"));
  acts.push_back(on_execution("kofi.mensah", "POST", "daily-ledger-sync", "/actions/replay"));
  acts.push_back(on_execution("jane.doe", "DELETE", "weekly-digest", "/actions/kill"));
  acts.push_back(
      put_value("ana.lopez", "company.sales", "discount_pct", std::to_string(5 + below(15))));
  acts.push_back(put_value("jane.doe", "company.finance", "book_closed",
                           edits_[0] % 2 == 0 ? "false" : "true"));
  acts.push_back(get("jane.doe", "/namespaces/company.finance/kv/book_closed"));
  acts.push_back(on_execution("mei.tanaka", "POST", "route-optimiser", "/actions/resume"));
  acts.push_back(update(4, "kofi.mensah"));
  acts.push_back(on_execution("kofi.mensah", "POST", "invoice-reminders", "/actions/restart"));
}

void Script::mistakes(std::vector<Act>& acts) {
  const auto flows = flow_sources();
  // Ids taken, things that are not there, states that do not allow it.
  acts.push_back(create("j.ortega", flows[2]));
  acts.push_back({"j.ortega", "PUT", api("/flows/company.marketing/weekly-digets"),
                  std::string(kYaml), source_after(flows[2], 1)});
  acts.push_back({"j.ortega", "POST", api("/flows"), std::string(kYaml),
                  "id: spring campaign\nnamespace: company.marketing\ntasks: []\n"});
  acts.push_back(run("ana.lopez", "company.sales", "ingest-order"));
  Act bad_input = run("jane.doe", flows[0]);
  bad_input.content_type = kForm;
  bad_input.body = form_part("limit", "", "many") + form_end();
  bad_input.starts.clear();
  acts.push_back(std::move(bad_input));
  acts.push_back(get("ana.lopez", "/namespaces/company.sales/kv/discount"));
  acts.push_back(remove("kofi.mensah", "/executions/7Yw0000000000000000000"));
  Act refused = get("j.ortega", "/flows/company.finance/daily-ledger-sync");
  refused.wrong_password = true;
  acts.push_back(std::move(refused));
}

void Script::clean_up(std::vector<Act>& acts) {
  acts.push_back(
      {"kofi.mensah", "POST", api("/flows"), std::string(kYaml),
       "id: tmp-backfill\nnamespace: company.sandbox\ndescription: Once only.\n\ntasks:\n"
       "  - id: fill\n    type: io.kestra.plugin.core.log.Log\n    message: filling\n"});
  acts.push_back(run("kofi.mensah", "company.sandbox", "tmp-backfill"));
  acts.push_back(remove("kofi.mensah", "/flows/company.sandbox/tmp-backfill"));
  acts.push_back(remove("jane.doe", "/namespaces/company.finance/kv/fiscal_year"));
  acts.push_back(
      remove("mei.tanaka", "/namespaces/company.logistics/files?path=%2Fscripts%2Fdepots.csv"));
  acts.push_back(on_execution("backup-bot", "DELETE", "nightly-backup", ""));
  acts.push_back({"jane.doe", "POST", api("/flows/disable/by-ids"), std::string(kJsonType),
                  R"([{"id":"invoice-reminders","namespace":"company.finance"}])"});
  acts.push_back({"jane.doe", "POST", api("/flows/enable/by-ids"), std::string(kJsonType),
                  R"([{"id":"invoice-reminders","namespace":"company.finance"}])"});
  acts.push_back({"shop", "POST",
                  api("/executions/webhook/company.sales/ingest-orders/4wjtkzwVGBM9yKnjm3yv8r"),
                  std::string(kJsonType), R"({"orders":17})"});
}

Act Script::next() {
  const auto flows = flow_sources();
  const std::size_t flow = below(flows.size());
  const std::string owner = kOwners.at(flow);
  switch (below(12)) {
    case 0:
    case 1:
      return update(flow, owner);
    case 2:
      return update(flow, "ci-deployer");
    case 3:
    case 4:
    case 5:
      return run(owner, flows[flow]);
    case 6:
      return put_value("backup-bot", "company.platform", "last_backup",
                       R"({"rows":)" + std::to_string(120'000 + below(9'000)) + "}");
    case 7:
      return put_value("ana.lopez", "company.sales", "discount_pct", std::to_string(5 + below(15)));
    case 8:
      return on_execution(owner, "POST", flows[flow].id, "/actions/labels",
                          R"([{"key":"seen-by","value":")" + owner + R"("}])");
    case 9:
      return on_execution(owner, "POST", flows[flow].id, "/actions/replay");
    case 10:
      return set_trigger("kofi.mensah", "company.sales", "ingest-orders", "hourly",
                         below(2) == 0 ? "true" : "false");
    default:
      return below(3) == 0 ? run("ana.lopez", "company.sales", "ingest-order")
                           : put_file("mei.tanaka", "company.logistics", "/scripts/optimise.py",
                                      below(2) == 0 ? kScript1 : kScript2);
  }
}

}  // namespace daybook::demo
