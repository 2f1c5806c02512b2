// SPDX-License-Identifier: Apache-2.0
#include "erasure_commands.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/record/json.h"

#include "http_json.h"
#include "output.h"
#include "visible_text.h"

namespace daybook::app {
namespace {

using record::Json;

// Reading and writing anew a large ledger.
constexpr std::chrono::hours kPatience{2};

struct ApiCall {
  std::string method;
  std::string target;
  std::optional<Json> body;
};

std::string text_of(const Json& object, const char* name) {
  const auto at = object.find(name);
  if (at == object.end() || at->is_null()) return "-";
  return terminal::visible(at->is_string() ? at->get<std::string>() : at->dump());
}

void print_counts(const Json& done) {
  const Json& parts = done["parts"];
  print_line(fmt::format("{}: {} entries ({} event, {} actor, {} change parts)",
                         text_of(done, "status"), text_of(done, "entries"), text_of(parts, "event"),
                         text_of(parts, "actor"), text_of(parts, "change")));
  if (done.contains("requestId")) {
    print_line("a second person approves it: daybook redaction approve " +
               text_of(done, "requestId"));
  }
  if (done.contains("elsewhere")) {
    print_line(fmt::format("{} entries name the person in other parts; --everywhere erases those",
                           text_of(done["elsewhere"], "entries")));
  }
  if (done.value("protected", 0) > 0) {
    print_line(text_of(done, "protected") + " event parts tell of erasing, and stay");
  }
  if (done.value("held", 0) > 0) {
    print_line(fmt::format("{} entries lie under the legal holds {}", text_of(done, "held"),
                           done["holds"].dump()));
  }
  for (const Json& policy : done.value("policies", Json::array())) {
    print_line(fmt::format("  {}: {} entries, {} held", text_of(policy, "name"),
                           text_of(policy, "entries"), text_of(policy, "held")));
  }
}

void print_list(const Json& list, std::initializer_list<const char*> columns) {
  for (const Json& item : list) {
    std::string line;
    for (const char* column : columns) line += (line.empty() ? "" : "  ") + text_of(item, column);
    print_line(line);
  }
}

void print(const Json& answer, Output output) {
  if (output == Output::json) {
    print_line(terminal::visible_json(answer.dump()));
  } else if (answer.contains("entries")) {
    print_counts(answer);
  } else if (answer.contains("holds")) {
    print_list(answer["holds"], {"id", "since", "tenant", "filters", "reason"});
  } else if (answer.contains("requests")) {
    print_list(answer["requests"], {"id", "at", "by", "selection", "reason"});
  } else if (answer.contains("policies")) {
    print_list(answer["policies"], {"name", "olderThanSeconds", "tenant", "filters", "parts"});
  } else if (answer.contains("requestId")) {
    print_line(text_of(answer, "status") + " " + text_of(answer, "requestId"));
  } else {
    print_line(text_of(answer, "id"));
  }
}

net::Task<int> run_call(Session& session, ApiCall call, Output output) {
  session.set_timeout(kPatience);
  net::RequestHead head = session.head(call.method, call.target);
  std::string body;
  if (call.body) {
    head.headers.add("Content-Type", "application/json");
    body = call.body->dump();
  }
  const auto answer = co_await session.call(std::move(head), std::move(body));
  if (!answer) co_return report_cannot_run(answer.error());
  if (answer->head.status >= 300) co_return report(error_of(*answer));
  const auto json = record::parse_json(answer->body);
  if (!json || !json->is_object()) {
    co_return report_cannot_run({.code = Errc::io, .context = "the answer is not ours"});
  }
  print(*json, output);
  co_return exit_good;
}

int run(const TerminalRequest& common, const ApiCall& call) {
  return in_session(common.where,
                    [&](Session& session) { return run_call(session, call, common.output); });
}

Result<std::string> filters_of(const TerminalRequest& common) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto params, params_of(common));
  return encode_query(params);
}

Result<ApiCall> call_of(const ErasureRequest& request) {
  const std::string holds = "/api/v1/holds";
  const std::string redactions = "/api/v1/redactions";
  const std::string id = percent_encode(request.id);
  switch (request.call) {
    case ErasureCall::redaction_list:
      return ApiCall{"GET", redactions, {}};
    case ErasureCall::redaction_approve:
      return ApiCall{"POST", redactions + "/" + id + "/approve", {}};
    case ErasureCall::redaction_withdraw:
      return ApiCall{"DELETE", redactions + "/" + id, {}};
    case ErasureCall::retention_list:
      return ApiCall{"GET", "/api/v1/retention", {}};
    case ErasureCall::retention_run:
      return ApiCall{"POST", "/api/v1/retention/run", Json{{"dryRun", request.dry_run}}};
    case ErasureCall::hold_list:
      return ApiCall{"GET", holds, {}};
    case ErasureCall::hold_remove:
      return ApiCall{
          "DELETE", holds + "/" + id + "?" + encode_query({{"reason", request.reason}}), {}};
    case ErasureCall::hold_add:
      break;
  }
  DAYBOOK_ASSIGN_OR_RETURN(std::string filters, filters_of(request.common));
  Json body{{"filters", std::move(filters)}, {"reason", request.reason}};
  if (request.common.where.tenant) body["tenant"] = *request.common.where.tenant;
  return ApiCall{"POST", holds, std::move(body)};
}

}  // namespace

int redact(const RedactRequest& request) {
  const auto filters = filters_of(request.common);
  if (!filters) return report_cannot_run(filters.error());
  Json body{{"dryRun", request.dry_run}};
  if (!request.reason.empty()) body["reason"] = request.reason;
  if (request.common.where.tenant) body["tenant"] = *request.common.where.tenant;
  if (!request.id.empty()) body["id"] = request.id;
  if (request.index) body["index"] = *request.index;
  if (!request.person.empty()) {
    body["person"] = request.person;
    body["everywhere"] = request.everywhere;
  }
  if (!filters->empty()) body["filters"] = *filters;
  if (!request.parts.empty()) body["parts"] = request.parts;
  return run(request.common, {"POST", "/api/v1/redactions", std::move(body)});
}

int run_erasure(const ErasureRequest& request) {
  const auto call = call_of(request);
  if (!call) return report_cannot_run(call.error());
  return run(request.common, *call);
}

}  // namespace daybook::app
