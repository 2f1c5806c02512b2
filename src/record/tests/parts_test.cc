// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/parts.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "daybook/core/clock.h"
#include "daybook/record_testing/random_event.h"

namespace daybook::record {
namespace {

template <class T>
void put(Json& object, const char* name, const std::optional<T>& value) {
  if (value) {
    object[name] = *value;
  }
}

// The parts of contract section 2 built the slow way, as JSON objects.
Json event_object(const Event& e) {
  Json out = {{"v", 1},
              {"id", e.id},
              {"kind", to_string(e.kind)},
              {"date", format_time(e.date)},
              {"recordedAt", format_time(e.recorded_at)},
              {"action", e.action},
              {"resource", e.resource},
              {"result", to_string(e.result)},
              {"source", to_string(e.source)},
              {"actorKind", to_string(e.actor_kind)}};
  put(out, "tenantId", e.tenant_id);
  put(out, "attemptId", e.attempt_id);
  put(out, "status", e.status);
  put(out, "message", e.message);
  put(out, "reason", e.reason);
  if (!e.detail.empty()) {
    out["detail"] = e.detail;
  }
  if (e.request) {
    out["request"] = Json::object();
    put(out["request"], "method", e.request->method);
    put(out["request"], "path", e.request->path);
    put(out["request"], "status", e.request->status);
    put(out["request"], "durationMs", e.request->duration_ms);
    put(out["request"], "requestId", e.request->request_id);
  }
  return out;
}

Json actor_object(const Actor& a) {
  Json out = Json::object();
  put(out, "userId", a.user_id);
  put(out, "username", a.username);
  put(out, "email", a.email);
  put(out, "name", a.name);
  put(out, "type", a.type);
  put(out, "ipAddress", a.ip_address);
  put(out, "userAgent", a.user_agent);
  put(out, "impersonatedBy", a.impersonated_by);
  if (a.submitter) {
    out["submitter"] = {
        {"id", a.submitter->id}, {"username", a.submitter->username}, {"type", a.submitter->type}};
    put(out["submitter"], "tokenId", a.submitter->token_id);
  }
  if (a.subject.is_object()) {
    out["subject"] = a.subject;
  }
  return out;
}

Json change_object(const Change& c) {
  Json out = Json::object();
  if (c.applied_patch.is_array()) {
    out["appliedPatch"] = c.applied_patch;
  }
  if (c.revert_patch.is_array()) {
    out["revertPatch"] = c.revert_patch;
  }
  put(out, "before", c.before);
  put(out, "after", c.after);
  put(out, "excerpt", c.excerpt);
  return out;
}

std::string expected_bytes(const Json& object) {
  return object.empty() ? std::string() : canonical_or_die(object);
}

TEST(Encode, IsTheCanonicalFormOfThePart) {
  record_testing::RandomEvents random(4);
  for (int round = 0; round < 2000; ++round) {
    const Event event = random.event();
    const Parts parts = encode(event);
    ASSERT_EQ(parts[Part::event], expected_bytes(event_object(event)));
    ASSERT_EQ(parts[Part::actor], expected_bytes(actor_object(event.actor)));
    ASSERT_EQ(parts[Part::change], expected_bytes(change_object(event.change)));
  }
}

TEST(Decode, InverseOfEncode) {
  record_testing::RandomEvents random(5);
  for (int round = 0; round < 2000; ++round) {
    const Event event = random.event();
    const Parts parts = encode(event);
    const Result<Event> again = decode(parts);
    ASSERT_TRUE(again.has_value()) << again.error().context << again.error().path;
    EXPECT_EQ(event_object(*again), event_object(event));
    EXPECT_EQ(actor_object(again->actor), actor_object(event.actor));
    EXPECT_EQ(change_object(again->change), change_object(event.change));
    EXPECT_EQ(encode(*again).bytes, parts.bytes);
  }
}

TEST(Decode, TakesTheDeepestEventWithItsPatches) {
  Json deep = 1;
  for (int depth = 0; depth < 63; ++depth) {
    deep = Json::array({deep});
  }
  Event event;
  event.id = "a";
  event.change.before = deep;
  event.change.applied_patch = Json::array({{{"op", "add"}, {"path", ""}, {"value", deep}}});
  EXPECT_TRUE(decode(encode(event)).has_value());
}

TEST(Encode, BytesThatAreNotUtf8StayReadable) {
  Event event;
  event.id = "a";
  event.detail = {{"x\xFF", "\xC3"}};
  event.request.emplace().path = "/a\xFF";
  event.actor.user_agent = "\x80";
  const Result<Event> again = decode(encode(event));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->request->path, "/a\xEF\xBF\xBD");
  EXPECT_EQ(again->actor.user_agent, "\xEF\xBF\xBD");
}

TEST(Decode, ErasedPartsLeaveTheirMembersAbsent) {
  record_testing::RandomEvents random(6);
  Event event = random.ingested();
  Parts parts = encode(event);
  parts.bytes[1].clear();
  const Result<Event> again = decode(parts);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->id, event.id);
  EXPECT_FALSE(again->actor.user_id.has_value());
  EXPECT_FALSE(again->actor.submitter.has_value());
}

TEST(Decode, RefusesWhatEncodeCannotHaveMade) {
  record_testing::RandomEvents random(8);
  const Parts good = encode(random.ingested());
  const auto expect_corrupt = [&](Part part, const std::string& bytes) {
    Parts parts = good;
    parts.bytes.at(static_cast<std::size_t>(part) - 1) = bytes;
    const Result<Event> event = decode(parts);
    ASSERT_FALSE(event.has_value()) << bytes;
    EXPECT_EQ(event.error().code, Errc::corrupt);
  };
  for (const char* bytes : {"{", "[]", "1", "{}", R"({"v":2})"}) {
    expect_corrupt(Part::event, bytes);
  }
  const Json object = Json::parse(good[Part::event]);
  for (const char* name : {"v", "id", "kind", "date", "recordedAt", "result", "source", "action",
                           "resource", "actorKind"}) {
    Json lacking = object;
    lacking.erase(name);
    expect_corrupt(Part::event, lacking.dump());
    Json wrong = object;
    wrong[name] = Json::array();
    expect_corrupt(Part::event, wrong.dump());
  }
  Json unknown = object;
  unknown["other"] = 1;
  expect_corrupt(Part::event, unknown.dump());
  expect_corrupt(Part::actor, R"({"userId":7})");
  expect_corrupt(Part::actor, R"({"submitter":{"id":"a"}})");
  expect_corrupt(Part::change, R"({"appliedPatch":{}})");
  expect_corrupt(Part::change, R"({"x":1})");
}

// Contract section 2 once more, with OpenSSL's one-shot digest and nothing of ours.
std::string digest(const std::string& input) {
  std::string out(32, '\0');
  unsigned int size = 0;
  EVP_Digest(input.data(), input.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
             EVP_sha256(), nullptr);
  return out;
}

TEST(Leaf, AgreesWithAnIndependentComputation) {
  record_testing::RandomEvents random(9);
  for (int round = 0; round < 200; ++round) {
    const Parts parts = encode(random.event());
    Seed seed{};
    for (std::uint8_t& byte : seed) {
      byte = static_cast<std::uint8_t>(random.below(256));
    }
    const std::string seed_text(seed.begin(), seed.end());
    std::string leaf(1, '\x01');
    for (char k = 1; k <= 3; ++k) {
      const std::string salt = digest(seed_text + k).substr(0, 16);
      leaf += digest(k + salt + parts.bytes.at(static_cast<std::size_t>(k) - 1));
    }
    const Commitments commitments = commit_all(seed, parts);
    const Leaf data = leaf_data(commitments);
    ASSERT_EQ(data.size(), 97U);
    EXPECT_EQ(std::string(data.begin(), data.end()), leaf);
    const Hash hash = leaf_hash(commitments);
    EXPECT_EQ(std::string(hash.begin(), hash.end()), digest(std::string(1, '\0') + leaf));
  }
}

TEST(Leaf, PartsAndSaltsAreKeptApart) {
  const Seed seed{};
  EXPECT_NE(salt_of(seed, Part::event), salt_of(seed, Part::actor));
  const Salt salt = salt_of(seed, Part::event);
  EXPECT_NE(commit(Part::event, salt, ""), commit(Part::actor, salt, ""));
  EXPECT_NE(commit(Part::event, salt, ""), commit(Part::event, salt, "x"));
}

}  // namespace
}  // namespace daybook::record
