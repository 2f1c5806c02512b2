// SPDX-License-Identifier: Apache-2.0
// Puts the requests of a recorded Kestra session to the model, in order, and compares status,
// reason phrase and the members of the answers.
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/core_testing/manual_clock.h"

#include "model.h"

namespace daybook::demo {
namespace {

// What the stand-in does not do: usages, the web UI, a tenant that Kestra 0.21 refuses, defaults of
// plugins, graphs, tasks, dependencies, search in sources, exports, imports, validation of parts
// and inputs, flows as seen from executions, evaluation, files of executions, queues, templates,
// what a worker's speed decides.
const std::set<int> kNotDone = {6,   7,   9,   19,  22,  26,  40,  41,  42,  43,  45,  46,  56,
                                57,  60,  61,  62,  69,  70,  76,  97,  98,  100, 103, 105, 106,
                                107, 109, 110, 111, 112, 114, 129, 150, 151, 153, 164, 190, 191,
                                196, 202, 229, 243, 244, 245, 246, 247, 248, 249, 250};

std::string text_of(const Json& part) {
  if (part.contains("decoded")) {
    return part.value("decoded", "");
  }
  const std::string body = part.value("body", "");
  if (part.value("enc", "") != "base64") {
    return body;
  }
  const auto bytes = from_base64(body);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

std::string header(const Json& exchange, std::string_view name) {
  for (const auto& field : exchange["req_headers"]) {
    if (field[0] == name) {
      return field[1];
    }
  }
  return {};
}

// Names of members, also those of the first item of lists; what a run adds in time is left out.
void members_of(const Json& json, const std::string& path, std::set<std::string>& names) {
  static const std::set<std::string> kInTime = {"taskRunList", "endDate", "outputs", "attempts"};
  if (json.is_array() && !json.empty()) {
    members_of(json[0], path + "/*", names);
  }
  if (!json.is_object() || path.ends_with("/inputs") || path.ends_with("/variables")) {
    return;
  }
  for (const auto& [name, value] : json.items()) {
    if (!kInTime.contains(name)) {
      names.insert(path + "/" + name);
      members_of(value, path + "/" + name, names);
    }
  }
}

std::set<std::string> members(const std::string& text) {
  std::set<std::string> names;
  if (const auto json = parse_json(text)) {
    members_of(*json, "", names);
  }
  return names;
}

class Session {
 public:
  // Gives the exchange to the model with ids of its own in the place of recorded ones.
  Answer put(const Json& exchange) {
    clock_.advance(3'000);
    Call call = make_call(exchange["method"], ours(exchange["target"]),
                          header(exchange, "Content-Type"), ours(text_of(exchange["req"])));
    call.ttl = header(exchange, "ttl");
    Answer answer = model_.answer(call);
    const auto recorded = parse_json(text_of(exchange["resp"]));
    const auto given = parse_json(answer.body);
    const bool both = recorded && given && recorded->is_object() && given->is_object() &&
                      recorded->contains("id") && recorded->contains("flowId") &&
                      given->contains("flowId");
    if (both) {
      ids_[recorded->value("id", "")] = given->value("id", "");
    }
    return answer;
  }

 private:
  [[nodiscard]] std::string ours(std::string text) const {
    for (const auto& [recorded, id] : ids_) {
      for (auto at = text.find(recorded); at != std::string::npos; at = text.find(recorded, at)) {
        text.replace(at, recorded.size(), id);
        at += id.size();
      }
    }
    return text;
  }

  testing::ManualClock clock_;
  testing::SeededRandom random_{7};
  Model model_{clock_, random_};
  std::map<std::string, std::string> ids_;  // Recorded to ours.
};

TEST(Recorded, StatusReasonAndMembersAgree) {
  std::ifstream file(DAYBOOK_TEST_DATA "/kestra/recordings/recording-01-api-noauth.jsonl");
  ASSERT_TRUE(file);
  Session session;
  int compared = 0;
  for (std::string line; std::getline(file, line);) {
    const Json exchange = Json::parse(line);
    const int number = exchange["n"];
    if (!exchange.contains("status") || exchange.value("sse", false) || number > 250) {
      continue;
    }
    const Answer answer = session.put(exchange);
    if (kNotDone.contains(number) || !answer.follow_execution.empty()) {
      continue;
    }
    ++compared;
    const std::string what = std::to_string(number) + " " + exchange["method"].get<std::string>() +
                             " " + exchange["target"].get<std::string>();
    EXPECT_EQ(answer.status, exchange["status"]) << what;
    if (!answer.reason.empty()) {
      EXPECT_EQ(answer.reason, exchange["reason"]) << what;
    }
    EXPECT_EQ(members(answer.body), members(text_of(exchange["resp"]))) << what;
  }
  EXPECT_GE(compared, 150);
}

}  // namespace
}  // namespace daybook::demo
