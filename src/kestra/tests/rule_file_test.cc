// SPDX-License-Identifier: Apache-2.0
#include "rule_file.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "rule_set.h"

namespace daybook::kestra {
namespace {

std::string with_rule(const std::string& rule) {
  return "version: t\nwords: [flows]\nrules:\n  - {" + rule + "}\n";
}

TEST(RuleFile, ReadsEveryKey) {
  const auto file = parse_rule_file(with_rule(
      "name: n, match: \"PUT ~/flows/{a}/{b}\", resource: FLOW, action: UPDATE, absent: CREATE, "
      "mode: available, secret: [b], private_body: true, doc: flow, "
      "before: \"~/flows/{a}?x={?p|q}\", detail: {id: response.id|path.a, part: \"=x\"}"));
  ASSERT_TRUE(file) << file.error().context;
  ASSERT_EQ(file->rules.size(), 1U);
  const Rule& rule = file->rules[0];
  EXPECT_EQ(rule.method, Method::put);
  EXPECT_TRUE(rule.tenant);
  EXPECT_EQ(rule.segments.size(), 5U);
  EXPECT_EQ(rule.level, Level::change);
  EXPECT_EQ(rule.mode, Mode::available);
  EXPECT_EQ(rule.secret, std::vector<std::size_t>{4});
  EXPECT_TRUE(rule.before->with_tenant);
  EXPECT_EQ(rule.before->parts.size(), 4U);
  EXPECT_EQ(rule.detail[0].sources.size(), 2U);
  EXPECT_EQ(rule.detail[0].sources[1].index, 3U);
  EXPECT_EQ(rule.detail[1].sources[0].from, Source::From::literal);
}

TEST(RuleFile, RefusesWithLineAndColumn) {
  const std::string head = "name: n, resource: R, action: READ, ";
  for (const std::string& rule :
       {std::string("match: \"GET ~/flows\", name: n, resource: R"),
        head + "match: \"FETCH ~/flows\"", head + "match: \"GET flows\"",
        head + "match: \"GET ~//flows\"", head + "match: \"GET ~/**/flows\"",
        head + "match: \"GET ~/flows\", level: some", head + "match: \"GET ~/flows\", mdoe: strict",
        head + "match: \"GET ~/flows\", detail: {id: path.id}",
        head + "match: \"GET ~/flows\", detail: {id: boddy.id}",
        head + "match: \"GET ~/flows\", before: \"~/flows/{x}\"",
        head + "match: \"GET ~/flows\", open: perhaps",
        std::string("name: n, resource: R, action: UPDATE, match: \"PUT ~/flows\", level: none"),
        head + "match: \"GET ~/flows\", secret: [x]"}) {
    const auto file = parse_rule_file(with_rule(rule));
    ASSERT_FALSE(file) << rule;
    EXPECT_EQ(file.error().code, Errc::invalid) << rule;
    EXPECT_NE(file.error().context.find("line 4, column "), std::string::npos) << rule;
  }
  for (const std::string text :
       {"", "[]", "version: x", "version: x\nrules: {}", "version: x\nr: [",
        "words: [a]\nrules: []", "version: x\nrules: []\nmore: 1"}) {
    const auto file = parse_rule_file(text);
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.error().code, Errc::invalid) << text;
  }
  EXPECT_EQ(parse_rule_file(std::string(3U << 20U, ' ')).error().code, Errc::exhausted);
}

TEST(RuleFile, ARuleSetOfOnesOwn) {
  const auto rules = Rules::parse(
      "version: mine\ncontext_path: /k\nwords: [flows]\nrules:\n"
      "  - {name: ping, match: \"GET /ping\", resource: R, action: READ, open: true}\n"
      "  - {name: get, match: \"GET ~/flows/{id}\", resource: R, action: READ}\n");
  ASSERT_TRUE(rules) << rules.error().context;
  EXPECT_EQ((*rules)->version(), "mine");
  EXPECT_TRUE((*rules)->classify({"GET", "/k/ping", ""}).opens_without_login);
  EXPECT_EQ((*rules)->classify({"GET", "/k/api/v1/acme/flows/x", ""}).tenant, "acme");
  EXPECT_EQ((*rules)->classify({"GET", "/k/api/v1/acme/flows/x", ""}).tenant_prefix,
            "/k/api/v1/acme");
}

TEST(RuleFile, TheOneThatIsBuiltIn) {
  std::ifstream in(std::string(DAYBOOK_TEST_DATA) + "/../../src/kestra/rules/kestra.yaml");
  std::stringstream text;
  text << in.rdbuf();
  const auto file = parse_rule_file(text.str());
  ASSERT_TRUE(file) << file.error().context;
  EXPECT_EQ(Rules::builtin().version(), file->version);
  EXPECT_GT(file->rules.size(), 600U);
  for (const auto& rule : file->rules) {
    // What changes something is recorded before it is forwarded, but for sign-ins.
    if (rule.changes()) {
      EXPECT_EQ(rule.mode == Mode::strict, !rule.sign_in) << rule.name;
      EXPECT_NE(rule.level, Level::none) << rule.name;
    }
  }
}

}  // namespace
}  // namespace daybook::kestra
