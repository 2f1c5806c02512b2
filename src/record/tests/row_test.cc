// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/row.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/record_testing/random_event.h"

namespace daybook::record {
namespace {

Event flow_update() {
  Event event;
  event.id = "2YkiECb7oEsrdPgqwxFadW";
  event.tenant_id = "main";
  event.date = 1795413600123;
  event.recorded_at = 1795413600100;
  event.action = "UPDATE";
  event.resource = "FLOW";
  event.detail = {
      {"id", "hello"}, {"namespace", "company.team"}, {"flowId", "hello"}, {"revision", 2}};
  event.actor.user_id = "5k7";
  event.actor.username = "jane";
  event.actor.email = "jane@example.com";
  event.actor.type = "STANDARD";
  event.actor.ip_address = "10.0.0.7";
  event.actor.user_agent = "curl";
  event.change.applied_patch = Json::parse(R"([{"op":"replace","path":"/d","value":"b"}])");
  event.change.revert_patch = Json::parse(R"([{"op":"replace","path":"/d","value":"a"}])");
  return event;
}

std::vector<std::string> names(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [name, value] : object.items()) {
    out.push_back(name);
  }
  return out;
}

TEST(Row, HasKestrasShape) {
  const Json row = render_row(flow_update(), nullptr);
  EXPECT_EQ(row, Json::parse(R"({
    "auditLog":{"tenantId":"main","id":"2YkiECb7oEsrdPgqwxFadW","type":"UPDATE",
      "detail":{"type":"FLOW","resource":"FLOW","resourceType":"FLOW","id":"hello",
                "namespace":"company.team","flowId":"hello","revision":2},
      "date":"2026-11-23T06:00:00.123Z","userId":"5k7","ipAddress":"10.0.0.7",
      "appliedPatch":[{"op":"replace","path":"/d","value":"b"}],
      "revertPatch":[{"op":"replace","path":"/d","value":"a"}]},
    "user":{"type":"STANDARD","id":"5k7","username":"jane","email":"jane@example.com",
      "superAdmin":false,"instanceOwner":false,"groupList":[],"groups":[],"providers":[],"auths":[]}
  })"));
}

TEST(Row, ActorsWithoutAnAccountHaveNoUser) {
  Event event = flow_update();
  const auto user_id = [&](ActorKind kind, OptionalText id) {
    event.actor_kind = kind;
    event.actor.user_id = std::move(id);
    const Json row = render_row(event, nullptr);
    EXPECT_FALSE(row.contains("user"));
    return row.at("auditLog").at("userId").get<std::string>();
  };
  EXPECT_EQ(user_id(ActorKind::system, {}), "system");
  EXPECT_EQ(user_id(ActorKind::webhook, {}), "webhook");
  EXPECT_EQ(user_id(ActorKind::anonymous, {}), "anonymous");
  EXPECT_FALSE(user_id(ActorKind::standard, {}).empty());
}

TEST(Row, UserAlwaysHasNameAndMail) {
  Event event = flow_update();
  event.actor_kind = ActorKind::service_account;
  event.actor.username.reset();
  for (const char* mail : {"not a mail", "@", "a@", "@b", "a@b@c", ""}) {
    event.actor.email = mail;
    const Json user = render_row(event, nullptr).at("user");
    EXPECT_EQ(user.at("email"), "") << mail;
    EXPECT_EQ(user.at("username"), "5k7");
    EXPECT_EQ(user.at("type"), "SERVICE_ACCOUNT");
  }
}

TEST(Row, SendersTypeAndSubjectAreShownInDetail) {
  Event event = flow_update();
  event.detail["type"] = "io.kestra.core.models.flows.Flow";
  event.actor.subject = {{"id", "u9"}};
  const Json detail = shown_detail(event);
  EXPECT_EQ(detail.at("type"), "io.kestra.core.models.flows.Flow");
  EXPECT_EQ(detail.at("resourceType"), "FLOW");
  EXPECT_EQ(detail.at("subject"), Json({{"id", "u9"}}));
}

TEST(Row, DaybookObjectOnDemand) {
  Event event = flow_update();
  event.reason = "because";
  event.actor.submitter = Submitter{"s1", "collector", "SERVICE_ACCOUNT", "t1"};
  event.request.emplace().status = 200;
  EntryFacts facts{EntryIndex(7), Hash{}, true, {"actor"}};
  const Json daybook = render_row(event, &facts).at("daybook");
  EXPECT_EQ(daybook.at("index"), 7);
  EXPECT_EQ(daybook.at("kind"), "event");
  EXPECT_EQ(daybook.at("clockSkewMs"), 23);
  EXPECT_EQ(daybook.at("leafHash"), std::string(64, '0'));
  EXPECT_EQ(daybook.at("sealed"), true);
  EXPECT_EQ(daybook.at("erased"), Json::array({"actor"}));
  EXPECT_EQ(daybook.at("submitter").at("tokenId"), "t1");
  EXPECT_EQ(daybook.at("request"), Json({{"status", 200}}));
  EXPECT_EQ(daybook.at("userAgent"), "curl");
  EXPECT_EQ(daybook.at("reason"), "because");
  EXPECT_FALSE(daybook.contains("message"));
  EXPECT_EQ(names(render_row(event, &facts)),
            (std::vector<std::string>{"auditLog", "daybook", "user"}));
}

// A reader for RFC 4180 to hold the writer against.
std::vector<std::string> read_csv_line(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t at = 0; at + 2 < line.size() || quoted; ++at) {
    const char c = line.at(at);
    if (c == '"' && quoted && line.at(at + 1) == '"') {
      fields.back() += c;
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

TEST(Csv, ColumnsAndValues) {
  EXPECT_EQ(csv_header(false),
            "id,tenantId,date,resource,type,userId,username,userType,ipAddress,impersonatedBy,"
            "namespace,flowId,executionId,revision,detail\r\n");
  EXPECT_EQ(read_csv_line(csv_header(true)).size(), 17U);
  EXPECT_EQ(
      csv_line(flow_update(), nullptr),
      "2YkiECb7oEsrdPgqwxFadW,main,2026-11-23T06:00:00.123Z,FLOW,UPDATE,5k7,jane,STANDARD,"
      "10.0.0.7,,company.team,hello,,2,"
      "\"{\"\"flowId\"\":\"\"hello\"\",\"\"id\"\":\"\"hello\"\","
      "\"\"namespace\"\":\"\"company.team\"\",\"\"resource\"\":\"\"FLOW\"\","
      "\"\"resourceType\"\":\"\"FLOW\"\",\"\"revision\"\":2,\"\"type\"\":\"\"FLOW\"\"}\"\r\n");
}

TEST(Csv, FormulasAreDefused) {
  Event event = flow_update();
  for (const char* text : {"=1+1", "+1", "-1", "@x", "\tx", "\rx"}) {
    event.resource = text;
    EXPECT_EQ(read_csv_line(csv_line(event, nullptr)).at(3), std::string("'") + text);
  }
}

TEST(Csv, EveryFieldComesBack) {
  record_testing::RandomEvents random(10);
  for (int round = 0; round < 1000; ++round) {
    const Event event = random.event();
    EntryFacts facts{EntryIndex(random.below(1000)), Hash{}, false, {}};
    const std::vector<std::string> fields = read_csv_line(csv_line(event, &facts));
    ASSERT_EQ(fields.size(), 17U);
    const auto plain = [](std::string field) {
      return field.starts_with('\'') ? field.substr(1) : field;
    };
    EXPECT_TRUE(fields.at(0) == event.id || plain(fields.at(0)) == event.id);
    EXPECT_EQ(fields.at(14), canonical_or_die(shown_detail(event)));
    EXPECT_EQ(fields.at(15), std::to_string(facts.index.value()));
  }
}

}  // namespace
}  // namespace daybook::record
