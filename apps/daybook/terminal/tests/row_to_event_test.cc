// SPDX-License-Identifier: Apache-2.0
#include "row_to_event.h"

#include <gtest/gtest.h>

#include "daybook/access/principal.h"
#include "daybook/capture/parse_event.h"
#include "daybook/record/row.h"
#include "daybook/record_testing/random_event.h"

namespace daybook::terminal {
namespace {

using record::Json;

TEST(RowToEvent, LeavesEventsAlone) {
  const Json event = {{"type", "UPDATE"}, {"resource", "FLOW"}};
  const auto read = import_record(event);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->event, event);
  EXPECT_FALSE(read->tenant);
}

TEST(RowToEvent, RefusesWhatIsNoRow) {
  EXPECT_EQ(import_record(Json::array()).error().code, Errc::invalid);
  EXPECT_EQ(import_record({{"auditLog", 7}}).error().path, "/auditLog");
  EXPECT_EQ(import_record({{"auditLog", {{"id", "x"}}}}).error().path, "/auditLog/detail");
}

// What was ingested, exported and read back is shown as it was; with the daybook object also what
// only that shows.
TEST(RowToEvent, AnIngestedRowComesBackTheSame) {
  record_testing::RandomEvents random(4711);
  const capture::IngestContext context{
      .tenant = "main", .who = access::local_root(), .remote_address = "", .user_agent = ""};
  int compared = 0;
  for (int i = 0; i < 2000; ++i) {
    record::Event event = random.ingested();
    event.tenant_id = "main";
    const bool plain = event.actor_kind == record::ActorKind::system ||
                       ((event.actor_kind == record::ActorKind::standard ||
                         event.actor_kind == record::ActorKind::service_account) &&
                        event.actor.user_id);
    if (!plain || event.id.empty() || event.action.empty() || event.resource.empty()) continue;
    record::EntryFacts facts;
    facts.index = EntryIndex(1);
    const Json row = record::render_row(event, &facts);
    auto record = import_record(row);
    ASSERT_TRUE(record) << row.dump();
    ASSERT_EQ(record->tenant, "main");
    auto parsed = capture::parse_event(record->event, context, 0);
    // Random ids and words need not follow the rules of the API.
    if (!parsed) continue;
    ++compared;
    Json back = record::render_row(parsed->event, &facts);
    ASSERT_EQ(back["auditLog"], row["auditLog"]) << record->event.dump();
    ASSERT_EQ(back.value("user", Json()), row.value("user", Json()));
    for (const char* name : {"result", "status", "message", "reason", "request", "userAgent"})
      ASSERT_EQ(back["daybook"].value(name, Json()), row["daybook"].value(name, Json())) << name;
  }
  EXPECT_GT(compared, 100);
}

TEST(RowToEvent, KnowsSystemActors) {
  const auto read = import_record(
      Json::parse(R"({"auditLog":{"id":"1","tenantId":"t","type":"CREATE","userId":"system",
        "detail":{"resource":"FLOW","type":"own","resourceType":"FLOW"}}})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->event, Json::parse(R"({"id":"1","type":"CREATE","resource":"FLOW",
        "detail":{"type":"own"},"user":{"type":"SYSTEM"}})"));
}

}  // namespace
}  // namespace daybook::terminal
