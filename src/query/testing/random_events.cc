// SPDX-License-Identifier: Apache-2.0
#include "daybook/query_testing/random_world.h"

namespace daybook::query {
namespace {

using Strings = RandomWorld::Strings;

const Strings kTenants{"main", "dev", "ops"};
const Strings kActions{"CREATE", "UPDATE", "DELETE", "MY-OWN"};
const Strings kResources{"FLOW", "EXECUTION", "KVSTORE", "NAMESPACE_FILE", "TESTSUITE"};
const Strings kUsers{"jane", "jos\xC3\xA9", "bot", "x"};
const Strings kSpaces{"company", "company.team", "company.team.a", "company.teams", "company2", ""};
const Strings kNumbers{"1", "2", "3", "true", "[1,2]", "{\"a\":1}"};

}  // namespace

record::Event RandomWorld::event() {
  record::Event out;
  out.tenant_id = maybe(4, pick(kTenants));
  out.id = "id-" + std::to_string(next_id_++ / (out.tenant_id ? 2 : 1));
  if (!ids_.insert(out.tenant_id.value_or("") + "/" + out.id).second) out.id += "-again";
  out.kind = static_cast<record::Kind>(below(4));
  out.attempt_id = maybe(2, "attempt-" + std::to_string(below(40)));
  out.date = kStart + static_cast<std::int64_t>(below(1000)) - 500;
  // Some far away: histograms have to span what is between.
  if (one_in(50)) out.date += (static_cast<std::int64_t>(below(2000)) - 1000) * 3'600'000;
  out.recorded_at = out.date + 5;
  out.action = pick(kActions);
  out.resource = pick(kResources);
  out.result = static_cast<record::ResultWord>(below(4));
  out.source = static_cast<record::Source>(below(5));
  out.actor_kind = static_cast<record::ActorKind>(below(5));
  out.actor.user_id = maybe(4, pick(kUsers));
  out.actor.username = maybe(3, pick(kUsers) + "@example.com");
  out.actor.ip_address = maybe(3, "10.0.0." + std::to_string(below(6)));
  if (!one_in(3)) out.actor.submitter = record::Submitter{pick(kUsers), "s", "STANDARD", {}};
  fill_detail(out);
  return out;
}

void RandomWorld::fill_detail(record::Event& out) {
  auto& detail = out.detail;
  if (!one_in(3)) detail["namespace"] = pick(kSpaces);
  if (!one_in(3)) detail["flowId"] = "flow-" + std::to_string(below(12));
  if (!one_in(2)) detail["executionId"] = "exec-" + std::to_string(below(300));
  if (!one_in(3)) detail["id"] = "flow-" + std::to_string(below(12));
  if (!one_in(2)) detail["revision"] = record::Json::parse(pick(kNumbers));
  if (one_in(3)) detail["revision"] = pick(kNumbers);
  if (one_in(4)) detail["type"] = one_in(4) ? record::Json(7) : record::Json(pick(kResources));
  if (one_in(5)) detail["resource"] = "SENT";
  if (one_in(6)) detail["note"] = std::string(300 + below(3), 'n');  // Too long for a dictionary.
  if (one_in(6)) detail["a.b"] = "dotted";
  if (one_in(9)) detail["namespace"] = record::Json::parse(pick(kNumbers));
  if (one_in(40)) detail["flowId"] = std::string(1030 + below(3), 'f');  // Likewise.
  // More keys than there are columns for.
  if (one_in(2)) detail["key" + std::to_string(below(40))] = pick(kNumbers);
  if (one_in(7)) out.actor.subject = record::Json{{"email", pick(kUsers)}};
  if (one_in(3)) {
    out.change.after = record::Json{{"text", "R\xC3\xA9sum\xC3\xA9 of " + pick(kUsers)}};
  }
  if (one_in(4)) {
    out.message =
        "Stra\xC3\x9F"
        "e " +
        pick(kActions);
  }
}

std::string RandomWorld::one_value(Field field, const std::string& key) {
  if (one_in(12)) return pick({"", "nothing", "a", "1"});
  switch (field) {
    case Field::namespace_:
      return pick(kSpaces);
    case Field::flow_id:
      return one_in(20) ? std::string(1030 + below(3), 'f') : "flow-" + std::to_string(below(14));
    case Field::execution_id:
      return "exec-" + std::to_string(below(320));
    case Field::user_id:
    case Field::submitter_id:
      return pick({"jane", "bot", "x", "system", "webhook", "anonymous"});
    case Field::username:
      return pick({"jane@example.com", "jane", "bot@example.com", "x"});
    case Field::id:
      return "id-" + std::to_string(below(next_id_ + 5));
    case Field::resource:
      return pick(kResources);
    case Field::action:
      return pick(kActions);
    case Field::kind:
      return pick({"event", "attempt", "outcome", "system"});
    case Field::attempt_id:
      return "attempt-" + std::to_string(below(45));
    case Field::result:
      return pick({"SUCCESS", "FAILURE", "DENIED", "UNKNOWN"});
    case Field::actor_kind:
      return pick({"STANDARD", "SERVICE_ACCOUNT", "SYSTEM", "WEBHOOK"});
    case Field::source:
      return pick({"gateway", "ingest", "observed", "imported", "system"});
    case Field::ip_address:
      return "10.0.0." + std::to_string(below(7));
    case Field::tenant_id:
      return pick(kTenants);
    case Field::q:
      return pick({"kv", "STORE", "resume", "Jane resum\xC3\xA9", "jose", "create", "2", "strasse",
                   "", "test suite"});
    case Field::detail:
    case Field::date:
      break;
  }
  if (key == "note") return std::string(300 + below(3), 'n');
  if (key == "subject") return "{\"email\":\"" + pick(kUsers) + "\"}";
  if (key == "a.b") return "dotted";
  if (key == "type" || key.starts_with("resource")) return pick(kResources);
  if (key == "namespace") return pick(kSpaces);
  if (key == "flowId" || key == "id") return "flow-" + std::to_string(below(14));
  if (key == "executionId") return "exec-" + std::to_string(below(320));
  return pick(kNumbers);
}

std::string RandomWorld::clause_key() {
  return pick({"namespace", "flowId", "executionId", "id", "revision", "type", "resource",
               "resourceType", "note", "a.b", "subject", "never", "key3", "key30", "key39"});
}

Clause RandomWorld::clause() {
  static constexpr Op kTextOps[] = {Op::equals, Op::not_equals,  Op::in,       Op::not_in,
                                    Op::prefix, Op::starts_with, Op::contains, Op::ends_with};
  static constexpr Op kDateOps[] = {Op::equals,        Op::not_equals, Op::greater_or_equal,
                                    Op::less_or_equal, Op::greater,    Op::less};
  Clause out;
  out.field = static_cast<Field>(below(static_cast<std::uint64_t>(Field::q) + 1));
  if (out.field == Field::date) {
    out.op = kDateOps[below(6)];
    out.time = kStart + static_cast<std::int64_t>(below(1000)) - 500;
    return out;
  }
  out.op = out.field == Field::q ? kTextOps[below(2)] : kTextOps[below(8)];
  if (out.field == Field::detail) {
    out.key = clause_key();
  }
  const bool list = out.op == Op::in || out.op == Op::not_in;
  for (auto left = list ? 1 + below(3) : 1; left > 0; --left) {
    out.values.push_back(one_value(out.field, out.key));
  }
  return out;
}

}  // namespace daybook::query
