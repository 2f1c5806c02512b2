// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/parse_event.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace daybook::capture {
namespace {

using record::Json;

constexpr UnixMillis kNow = 1'795'000'000'000;

IngestContext context() {
  IngestContext context;
  context.tenant = "main";
  context.who.id = "acct1";
  context.who.username = "shipper";
  context.who.service_account = true;
  context.who.role = access::Role::writer;
  context.who.token_id = "tok1";
  context.remote_address = "192.0.2.7";
  context.user_agent = "curl/8";
  return context;
}

Json parsed_json(const std::string& text) {
  auto value = record::parse_json(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value ? *value : Json();
}

ParsedEvent parse(const std::string& text) {
  auto parsed = parse_event(parsed_json(text), context(), kNow);
  EXPECT_TRUE(parsed.has_value()) << text << " -> " << (parsed ? "" : parsed.error().context);
  return parsed ? *parsed : ParsedEvent{};
}

TEST(ParseEvent, SmallestEventGetsDefaults) {
  const auto [event, content] = parse(R"({"type":"CREATE","resource":"FLOW"})");
  EXPECT_EQ(event.action, "CREATE");
  EXPECT_EQ(event.resource, "FLOW");
  EXPECT_EQ(event.id, "");
  EXPECT_EQ(content, "");
  EXPECT_EQ(event.tenant_id, "main");
  EXPECT_EQ(event.kind, record::Kind::event);
  EXPECT_EQ(event.source, record::Source::ingest);
  EXPECT_EQ(event.result, record::ResultWord::success);
  EXPECT_EQ(event.date, kNow);
  EXPECT_EQ(event.recorded_at, kNow);
  EXPECT_FALSE(event.request.has_value());
  EXPECT_FALSE(event.change.before.has_value());
  EXPECT_TRUE(event.change.applied_patch.is_null());
}

TEST(ParseEvent, WithoutUserTheActorIsTheCallerAndItsConnection) {
  const auto event = parse(R"({"type":"A","resource":"R"})").event;
  EXPECT_EQ(event.actor_kind, record::ActorKind::service_account);
  EXPECT_EQ(event.actor.user_id, "acct1");
  EXPECT_EQ(event.actor.username, "shipper");
  EXPECT_EQ(event.actor.type, "SERVICE_ACCOUNT");
  EXPECT_EQ(event.actor.ip_address, "192.0.2.7");
  EXPECT_EQ(event.actor.user_agent, "curl/8");
  const auto given = parse(R"({"type":"A","resource":"R","ipAddress":"10.0.0.1"})").event;
  EXPECT_EQ(given.actor.ip_address, "10.0.0.1");
  EXPECT_EQ(given.actor.user_agent, "curl/8");
}

TEST(ParseEvent, WithUserNothingComesFromTheConnectionButTheSubmitter) {
  const auto event = parse(R"({"type":"A","resource":"R","user":{"id":"u1"}})").event;
  EXPECT_EQ(event.actor_kind, record::ActorKind::standard);
  EXPECT_EQ(event.actor.user_id, "u1");
  EXPECT_EQ(event.actor.username, "u1");
  EXPECT_EQ(event.actor.type, "STANDARD");
  EXPECT_FALSE(event.actor.ip_address.has_value());
  EXPECT_FALSE(event.actor.user_agent.has_value());
  ASSERT_TRUE(event.actor.submitter.has_value());
  EXPECT_EQ(event.actor.submitter->id, "acct1");
  EXPECT_EQ(event.actor.submitter->token_id, "tok1");
}

TEST(ParseEvent, SystemUserNeedsNoId) {
  const auto event = parse(R"({"type":"A","resource":"R","user":{"type":"SYSTEM"}})").event;
  EXPECT_EQ(event.actor_kind, record::ActorKind::system);
  EXPECT_EQ(event.actor.user_id, "system");
  EXPECT_FALSE(event.actor.type.has_value());
  EXPECT_FALSE(event.actor.ip_address.has_value());
}

TEST(ParseEvent, EveryFieldArrives) {
  const auto event = parse(R"({"id":"e-1","type":"UPDATE","resource":"KVSTORE",
    "date":"2026-11-24T02:00:00.123456+01:00","detail":{"namespace":"a.b","n":2},
    "user":{"id":"u","username":"bob","type":"SERVICE_ACCOUNT","email":"b@x.y","name":"Bob"},
    "ipAddress":"1.2.3.4","userAgent":"ua","impersonatedBy":"root","status":"st","message":"m",
    "reason":"why","result":"DENIED",
    "request":{"method":"PUT","path":"/x","status":403,"durationMs":0,"requestId":"r1"}})")
                         .event;
  EXPECT_EQ(event.id, "e-1");
  EXPECT_EQ(format_time(event.date), "2026-11-24T01:00:00.123Z");
  EXPECT_EQ(event.detail, Json({{"namespace", "a.b"}, {"n", 2}}));
  EXPECT_EQ(event.actor.username, "bob");
  EXPECT_EQ(event.actor.email, "b@x.y");
  EXPECT_EQ(event.actor.name, "Bob");
  EXPECT_EQ(event.actor.impersonated_by, "root");
  EXPECT_EQ(event.status, "st");
  EXPECT_EQ(event.message, "m");
  EXPECT_EQ(event.reason, "why");
  EXPECT_EQ(event.result, record::ResultWord::denied);
  ASSERT_TRUE(event.request.has_value());
  EXPECT_EQ(event.request->method, "PUT");
  EXPECT_EQ(event.request->path, "/x");
  EXPECT_EQ(event.request->status, 403);
  EXPECT_EQ(event.request->duration_ms, 0);
  EXPECT_EQ(event.request->request_id, "r1");
}

TEST(ParseEvent, BeforeAndAfterBecomePatchesIfStructured) {
  const auto event =
      parse(R"({"type":"A","resource":"R","before":{"a":1},"after":{"a":2,"b":null}})").event;
  EXPECT_EQ(event.change.before, Json({{"a", 1}}));
  EXPECT_TRUE(event.change.after->contains("b"));
  EXPECT_TRUE(event.change.applied_patch.is_array());
  EXPECT_TRUE(event.change.revert_patch.is_array());
  const auto text = parse(R"({"type":"A","resource":"R","before":"x","after":{"a":2}})").event;
  EXPECT_EQ(text.change.before, Json("x"));
  EXPECT_TRUE(text.change.applied_patch.is_null());
  const auto alone = parse(R"({"type":"A","resource":"R","after":[1]})").event;
  EXPECT_TRUE(alone.change.applied_patch.is_null());
  EXPECT_FALSE(alone.change.before.has_value());
}

TEST(ParseEvent, PatchesAreTakenAsTheyAre) {
  const auto event = parse(
                         R"({"type":"A","resource":"R","appliedPatch":[{"op":"remove","path":"/a"}],
                         "revertPatch":[]})")
                         .event;
  EXPECT_EQ(event.change.applied_patch, Json::parse(R"([{"op":"remove","path":"/a"}])"));
  EXPECT_EQ(event.change.revert_patch, Json::array());
  EXPECT_FALSE(event.change.before.has_value());
}

TEST(ParseEvent, SubjectObjectMovesToTheActorPartNothingElseDoes) {
  const auto event =
      parse(R"({"type":"A","resource":"R","detail":{"subject":{"email":"x"},"user":{"id":"q"}}})")
          .event;
  EXPECT_EQ(event.actor.subject, Json({{"email", "x"}}));
  EXPECT_EQ(event.detail, Json({{"user", {{"id", "q"}}}}));
  const auto text = parse(R"({"type":"A","resource":"R","detail":{"subject":"x"}})").event;
  EXPECT_EQ(text.detail, Json({{"subject", "x"}}));
  EXPECT_TRUE(text.actor.subject.is_null());
}

TEST(ParseEvent, NullIsAbsent) {
  const auto event =
      parse(
          R"({"id":null,"type":"A","resource":"R","date":null,"detail":null,"user":null,
      "ipAddress":null,"userAgent":null,"impersonatedBy":null,"status":null,"message":null,
      "reason":null,"result":null,"request":null,"before":null,"after":null,"appliedPatch":null,
      "revertPatch":null})")
          .event;
  EXPECT_EQ(event.actor.user_id, "acct1");
  EXPECT_EQ(event.detail, Json::object());
  EXPECT_FALSE(event.request.has_value());
}

TEST(ParseEvent, ContentIsTheSameForAbsentAndNullAndAnyOrder) {
  const std::string plain = parse(R"({"id":"x","type":"A","resource":"R"})").content;
  EXPECT_EQ(plain, R"({"id":"x","resource":"R","type":"A"})");
  EXPECT_EQ(parse(R"({"resource":"R","type":"A","id":"x","message":null})").content, plain);
  const std::string user =
      parse(R"({"id":"x","type":"A","resource":"R","user":{"id":"u"}})").content;
  EXPECT_EQ(parse(R"({"id":"x","type":"A","resource":"R","user":{"id":"u","name":null}})").content,
            user);
  // A default written out counts.
  EXPECT_NE(parse(R"({"id":"x","type":"A","resource":"R","result":"SUCCESS"})").content, plain);
  // null inside a document is content.
  EXPECT_NE(parse(R"({"id":"x","type":"A","resource":"R","before":{"a":null}})").content,
            parse(R"({"id":"x","type":"A","resource":"R","before":{}})").content);
}

struct Refused {
  const char* body;
  const char* path;
};

class ParseEventRefuses : public testing::TestWithParam<Refused> {};

TEST_P(ParseEventRefuses, WithThePathOfWhatIsWrong) {
  auto parsed = parse_event(parsed_json(GetParam().body), context(), kNow);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, Errc::invalid);
  EXPECT_EQ(parsed.error().path, GetParam().path);
}

std::string word_event(std::size_t characters) {
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) {
    text += "\xC3\xA4";  // Two bytes, one character.
  }
  return R"({"type":")" + text + R"(","resource":"R"})";
}
const std::string kTooLong = word_event(129);

INSTANTIATE_TEST_SUITE_P(
    All, ParseEventRefuses,
    testing::Values(
        Refused{R"([])", ""}, Refused{R"("x")", ""}, Refused{R"({})", "/type"},
        Refused{R"({"type":"A"})", "/resource"},
        Refused{R"({"type":null,"resource":"R"})", "/type"},
        Refused{R"({"type":"","resource":"R"})", "/type"},
        Refused{R"({"type":1,"resource":"R"})", "/type"}, Refused{kTooLong.c_str(), "/type"},
        Refused{R"({"type":"A\u0007","resource":"R"})", "/type"},
        Refused{R"({"type":"A","resource":"R\u007f"})", "/resource"},
        Refused{R"({"type":"A","resource":"R","idd":1})", "/idd"},
        Refused{R"({"type":"A","resource":"R","a/b~c":1})", "/a~1b~0c"},
        Refused{R"({"type":"A","resource":"R","user":{"id":"u","idd":1}})", "/user/idd"},
        Refused{R"({"type":"A","resource":"R","user":{}})", "/user/id"},
        Refused{R"({"type":"A","resource":"R","user":{"id":""}})", "/user/id"},
        Refused{R"({"type":"A","resource":"R","user":{"id":7}})", "/user/id"},
        Refused{R"({"type":"A","resource":"R","user":{"id":"u","type":"ROBOT"}})", "/user/type"},
        Refused{R"({"type":"A","resource":"R","user":"u"})", "/user"},
        Refused{R"({"type":"A","resource":"R","id":".."})", "/id"},
        Refused{R"({"type":"A","resource":"R","id":"search"})", "/id"},
        Refused{R"({"type":"A","resource":"R","id":""})", "/id"},
        Refused{R"({"type":"A","resource":"R","id":"a b"})", "/id"},
        Refused{R"({"type":"A","resource":"R","id":5})", "/id"},
        Refused{R"({"type":"A","resource":"R","date":"yesterday"})", "/date"},
        Refused{R"({"type":"A","resource":"R","date":"2026-02-30T00:00:00Z"})", "/date"},
        Refused{R"({"type":"A","resource":"R","date":1795000000000})", "/date"},
        Refused{R"({"type":"A","resource":"R","detail":[]})", "/detail"},
        Refused{R"({"type":"A","resource":"R","detail":{"a":null}})", "/detail/a"},
        Refused{R"({"type":"A","resource":"R","detail":{"a":[{"b":null}]}})", "/detail/a/0/b"},
        Refused{R"({"type":"A","resource":"R","result":"success"})", "/result"},
        Refused{R"({"type":"A","resource":"R","status":200})", "/status"},
        Refused{R"({"type":"A","resource":"R","message":{}})", "/message"},
        Refused{R"({"type":"A","resource":"R","reason":true})", "/reason"},
        Refused{R"({"type":"A","resource":"R","ipAddress":1})", "/ipAddress"},
        Refused{R"({"type":"A","resource":"R","request":{"status":-1}})", "/request/status"},
        Refused{R"({"type":"A","resource":"R","request":{"status":"200"}})", "/request/status"},
        Refused{R"({"type":"A","resource":"R","request":{"durationMs":1.5}})",
                "/request/durationMs"},
        Refused{R"({"type":"A","resource":"R","request":{"url":"x"}})", "/request/url"},
        Refused{R"({"type":"A","resource":"R","request":[]})", "/request"},
        Refused{R"({"type":"A","resource":"R","appliedPatch":{}})", "/appliedPatch"},
        Refused{R"({"type":"A","resource":"R","revertPatch":[1]})", "/revertPatch"},
        Refused{R"({"type":"A","resource":"R","before":1,"appliedPatch":[]})", "/appliedPatch"},
        Refused{R"({"type":"A","resource":"R","after":1,"revertPatch":[]})", "/revertPatch"}));

TEST(ParseEvent, WordsMayHave128Characters) {
  parse(word_event(128));
}

TEST(ParseEvent, WholeFloatsAreIntegers) {
  const auto event = parse(R"({"type":"A","resource":"R","request":{"status":2e2}})").event;
  EXPECT_EQ(event.request->status, 200);
}

TEST(ParseEvent, UnknownKeyIsNamedWithTheKnownOnes) {
  auto parsed = parse_event(parsed_json(R"({"type":"A","resource":"R","zzz":1})"), context(), kNow);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_NE(parsed.error().context.find("zzz"), std::string::npos);
  EXPECT_NE(parsed.error().context.find("impersonatedBy"), std::string::npos);
}

}  // namespace
}  // namespace daybook::capture
