// SPDX-License-Identifier: Apache-2.0
#include "redact.h"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "daybook/core/utf8.h"

#include "redact_text.h"
#include "secret_names.h"
#include "yaml_secrets.h"

namespace daybook::kestra {
namespace {

TEST(Redact, NamesOfSecrets) {
  for (const char* name :
       {"password", "dbPassword", "API_KEY", "x-api-key", "apiKey", "privateKey", "clientSecret",
        "secret", "accessToken", "Authorization", "pwd", "secretKeyId", "aws.accessKeyId",
        "passphrase", "Set-Cookie", "filters[labels][EQUALS][password]"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
  for (const char* name : {"key", "id", "tokenId", "maxTokens", "namespace", "keys", "monkey",
                           "secretName", "author", "path", ""}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

TEST(Redact, Json) {
  const Json document = {
      {"id", "f"},
      {"triggers",
       {{{"id", "h"}, {"type", "io.kestra.plugin.core.trigger.Webhook"}, {"key", "CANARY1"}},
        {{"id", "s"}, {"type", "io.kestra.plugin.core.trigger.Schedule"}, {"key", "kept"}}}},
      {"inputs", {{{"id", "x"}, {"type", "SECRET"}, {"defaults", "CANARY2"}}}},
      {"labels", {{{"key", "team"}, {"value", "data"}}, {{"key", "token"}, {"value", "CANARY3"}}}},
      {"deep", {{"a", {{"b", {{"credentials", {{"user", "CANARY4"}, {"n", 12345}}}}}}}}},
      {"flow", R"({"type":"x.Webhook","key":"CANARY0"})"},
      {"text", R"(curl -d '{"password":"CANARY5"}' -H "Authorization: Bearer CANARY6")"},
      {"url", "jdbc:postgresql://user:CANARY7@db/x"},
      {"password", "{{ secret('DB_PASSWORD') }}"},
      {"patch",
       {{{"op", "replace"}, {"path", "/triggers/0/key"}, {"value", "CANARY8"}},
        {{"op", "add"}, {"path", "/a/password"}, {"value", "CANARY9"}}}},
      {"nested", "id: f\ntriggers:\n- key: CANARY-10\n  type: Webhook\n"},
      {"hidePassword", true}};
  const Json out = redact(document);
  EXPECT_EQ(out.dump().find("CANARY"), std::string::npos) << out.dump(1);
  EXPECT_EQ(out["triggers"][0]["key"], "***");
  EXPECT_EQ(out["triggers"][1]["key"], "kept");
  EXPECT_EQ(out["labels"][0]["value"], "data");
  EXPECT_EQ(out["deep"]["a"]["b"]["credentials"], (Json{{"user", "***"}, {"n", "***"}}));
  EXPECT_EQ(out["password"], "{{ secret('DB_PASSWORD') }}");
  EXPECT_EQ(out["hidePassword"], true);
  EXPECT_EQ(redact(out), out);
}

TEST(Redact, YamlKeepsTheRestByteForByte) {
  const std::string source =
      "# comment: stays\n"
      "id: f\r\n"
      "tasks:\n"
      "  - id: a   # spaces stay\n"
      "    password: CANARY-a1\n"
      "    apiKey: 'it''s CANARY'  # note\n"
      "    token: \"CANARY \\\"x\\\" y\"\n"
      "    privateKey: |\n"
      "      -----BEGIN CANARY\n"
      "      CANARY2\n"
      "\n"
      "    headers: {Authorization: CANARY-b2, Accept: json}\n"
      "    body: |\n"
      "      {\"password\":\"CANARY3\", \"user\": \"ada\"}\n"
      "    ref: \"{{ secret('X') }}\"\n"
      "    secret: \"{{ secret('X') }}\"\n"
      "triggers:\n"
      "  - key: &k CANARY-key-1\n"
      "    id: hook\n"
      "    type: io.kestra.plugin.core.trigger.Webhook\n"
      "  - {id: two, key: CANARY-key-2, type: Webhook}\n"
      "description: it repeats CANARY-key-1 here\n";
  const std::string out = redact_yaml(source);
  EXPECT_EQ(out.find("CANARY"), std::string::npos) << out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'),
            std::count(source.begin(), source.end(), '\n'));
  for (const char* kept :
       {"# comment: stays\n", "id: f\r\n", "  - id: a   # spaces stay\n", "    password: \"***\"\n",
        "    apiKey: \"***\"  # note\n", "headers: {Authorization: \"***\", Accept: json}\n",
        "    ref: \"{{ secret('X') }}\"\n", "    secret: \"{{ secret('X') }}\"\n",
        "    id: hook\n"}) {
    EXPECT_NE(out.find(kept), std::string::npos) << kept << "\n" << out;
  }
  EXPECT_EQ(redact_yaml(out), out);
}

TEST(Redact, YamlThatCannotBeRead) {
  for (const std::string source :
       {"id: [broken\n  password: CANARY\n", "password: CANARY\n\tkey: CANARY\n}\n",
        "a: *nowhere\ntriggers:\n- key: CANARY\n  type: Webhook\n",
        "token: |\n  CANARY\n   CANARY\nid: x\n: [\n", "x: \"\x01\"\nsecret: CANARY\n",
        "\xEF\xBB\xBFpassword: CANARY\n", "- {type: Webhook, key: CANARY, id: x}\n]\n",
        "{\"key\": \"CANARY\"\n", "\"api_key\" :   CANARY\n]"}) {
    const std::string out = redact_yaml(source);
    EXPECT_EQ(out.find("CANARY"), std::string::npos) << out;
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'),
              std::count(source.begin(), source.end(), '\n'));
  }
}

TEST(Redact, YamlAliases) {
  const std::string out = redact_yaml("x: &k CANARY-9\ntriggers:\n- type: Webhook\n  key: *k\n");
  EXPECT_EQ(out.find("CANARY"), std::string::npos) << out;
}

TEST(Redact, Text) {
  EXPECT_EQ(redact_text("no secret: at all, key: x"), "no secret: at all, key: x");
  EXPECT_EQ(redact_text("password=hunter2&x=1"), "password=***&x=1");
  EXPECT_EQ(redact_text("--token abc --user x"), "--token *** --user x");
  EXPECT_EQ(redact_text("Authorization: Basic YWxh"), "Authorization: Basic ***");
  EXPECT_EQ(redact_text("https://a:b@c/d"), "https://a:***@c/d");
  EXPECT_EQ(redact_text("https://a.b:8080/c@d"), "https://a.b:8080/c@d");
  EXPECT_EQ(redact_text(R"({\"secret\":\"a\\\"b\"})"), R"({\"secret\":\"***\"})");
  EXPECT_EQ(redact_text("password=$PASSWORD"), "password=$PASSWORD");
  EXPECT_EQ(redact_text("http://h/api/v1/main/executions/webhook/n/f/KEY?x=1"),
            "http://h/api/v1/main/executions/webhook/n/f/***?x=1");
  EXPECT_EQ(redact_text("see /executions/webhook/n"), "see /executions/webhook/n");
}

TEST(Redact, Query) {
  EXPECT_EQ(redact_query("a=1&a=%20&key=k&access_token=t&password=&b"),
            (Json{{"a", {"1", " "}},
                  {"key", "***"},
                  {"access_token", "***"},
                  {"password", ""},
                  {"b", ""}}));
  EXPECT_EQ(redact_query(""), Json::object());
  EXPECT_EQ(redact_query("x=%zz&y=%ff"), (Json{{"x", "%zz"}, {"y", "%ff"}}));
}

TEST(Redact, ADifferenceThatIsNotShownIsSaid) {
  Json before = {{"a", {{"text", "curl -u password=one"}}}};
  Json after = {{"a", {{"text", "curl -u password=two"}}}};
  EXPECT_TRUE(redact_pair(before, after));
  EXPECT_EQ(after["secretChanged"], true);
  Json same = {{"password", "x"}};
  Json copy = same;
  EXPECT_FALSE(redact_pair(same, copy));
  EXPECT_EQ(copy["password"], "***");
}

// Secrets planted at random places of random flows are never in what is kept.
TEST(Redact, PlantedSecrets) {
  std::mt19937 random(11);
  const std::vector<std::string> names = {"password", "apiKey", "token", "client_secret"};
  const std::vector<std::string> styles = {"%",       "\"%\"",  "'%'",    "|\n#%", ">-\n#%\n#%",
                                           "!!str %", "[%, b]", "{x: %}", "&a %"};
  std::size_t understood = 0;
  for (int i = 0; i < 400; ++i) {
    std::string source = "id: f\n";
    std::string indent;
    for (int depth = static_cast<int>(random() % 5); depth > 0; --depth) {
      source += indent + (random() % 2 == 0 ? "- " : "") + "level: 1\n";
      if (source.ends_with("- level: 1\n")) indent += "  ";
      source += indent + "next" + std::to_string(depth) + ":\n";
      indent += "  ";
    }
    std::string style = styles[random() % styles.size()];
    for (std::size_t at = 0; (at = style.find('#', at)) != std::string::npos;) {
      style.replace(at, 1, indent + "    ");
    }
    for (std::size_t at = 0; (at = style.find('%', at)) != std::string::npos;) {
      style.replace(at, 1, "CANARY");
    }
    source += indent + names[random() % names.size()] + ": " + style + "\nlast: x\n";
    understood += find_yaml_secrets(source) ? 1U : 0U;
    const std::string out = redact_yaml(source);
    ASSERT_EQ(out.find("CANARY"), std::string::npos) << source << "\n=>\n" << out;
    ASSERT_TRUE(out.ends_with("\nlast: x\n")) << out;
  }
  EXPECT_GT(understood, 100U);
}

}  // namespace
}  // namespace daybook::kestra
