// SPDX-License-Identifier: Apache-2.0
#include "daybook/evidence/verify.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sample.h"

namespace daybook::evidence {
namespace {

using record::Json;

Report verified(const Json& document, const VerifyOptions& options = {}) {
  return verify(document.dump(), options);
}

std::string reasons(const Report& report) {
  std::string out;
  for (const Failure& failure : report.failures) out += failure.what + "\n";
  return out;
}

TEST(Verify, HonestEvidenceHolds) {
  const Sample sample(11);
  const Report some = verified(sample.document(false, 0, 11));
  EXPECT_TRUE(some.ok) << reasons(some);
  EXPECT_EQ(some.items, 4U);
  EXPECT_EQ(some.disclosed, 4U);
  EXPECT_FALSE(some.key_from_outside);
  EXPECT_FALSE(some.anchored_to);
  const Report whole = verified(sample.document(true, 2, 9));
  EXPECT_TRUE(whole.ok) << reasons(whole);
  EXPECT_EQ(whole.items, 7U);
  EXPECT_EQ(whole.withheld, 5U);
  EXPECT_EQ(whole.root, sample.root(11));
}

TEST(Verify, NothingShownIsStillEvidence) {
  const Sample sample(5);
  EXPECT_TRUE(verified(sample.document(false, 1, 1)).ok);
  EXPECT_TRUE(verified(sample.document(true, 1, 3)).ok);
}

TEST(Verify, KeysFromOutsideDecide) {
  const Sample sample(5);
  const Json document = sample.document(false, 0, 5);
  const Report good =
      verified(document, {.keys = {Sample::make_signer().verifier()}, .saved_checkpoint = {}});
  EXPECT_TRUE(good.ok);
  EXPECT_TRUE(good.key_from_outside);
  EXPECT_FALSE(
      verified(document, {.keys = {Sample::make_signer(8).verifier()}, .saved_checkpoint = {}}).ok);
}

TEST(Verify, ASavedCheckpointAnchors) {
  const Sample sample(11);
  Json document = sample.document(false, 0, 11);
  EXPECT_EQ(verified(document, {.keys = {}, .saved_checkpoint = sample.note(11)}).anchored_to, 11U);
  // Nothing in the file speaks of a tree of size 6 …
  EXPECT_FALSE(verified(document, {.keys = {}, .saved_checkpoint = sample.note(6)}).ok);
  // … unless it brings a consistency proof, or every leaf up to there.
  document["consistency"] = sample.consistency(6);
  const Report extended = verified(document, {.keys = {}, .saved_checkpoint = sample.note(6)});
  EXPECT_EQ(extended.anchored_to, 6U) << reasons(extended);
  const Report leaves =
      verified(sample.document(true, 0, 6), {.keys = {}, .saved_checkpoint = sample.note(6)});
  EXPECT_EQ(leaves.anchored_to, 6U) << reasons(leaves);
}

TEST(Verify, ARewrittenHistoryContradictsASavedCheckpoint) {
  const Sample sample(11);
  const crypto::NoteSigner signer = Sample::make_signer();
  Hash other{};
  other.fill(9);
  const std::string saved =
      crypto::sign_note(ledger::checkpoint_text({signer.name(), TreeSize(11), other, {}}),
                        {&signer})
          .value();
  EXPECT_FALSE(verified(sample.document(false, 0, 11), {.keys = {}, .saved_checkpoint = saved}).ok);
}

TEST(Verify, ACompleteSetMissesNothing) {
  const Sample sample(9);
  const Json whole = sample.document(true, 1, 8);
  for (std::size_t i = 0; i < whole.at("items").size(); ++i) {
    Json dropped = whole;
    dropped["items"].erase(i);
    EXPECT_FALSE(verified(dropped).ok) << "dropped " << i;
    Json doubled = whole;
    doubled["items"].insert(doubled["items"].begin() + static_cast<std::ptrdiff_t>(i),
                            whole.at("items").at(i));
    EXPECT_FALSE(verified(doubled).ok) << "doubled " << i;
    for (std::size_t j = 0; j < i; ++j) {
      Json swapped = whole;
      std::swap(swapped["items"][i], swapped["items"][j]);
      EXPECT_FALSE(verified(swapped).ok) << "swapped " << i << " and " << j;
    }
  }
}

TEST(Verify, ItemsOfASetAreInOrderAndOnce) {
  const Sample sample(9);
  const Json set = sample.document(false, 0, 9);
  Json doubled = set;
  doubled["items"].push_back(set.at("items").back());
  EXPECT_FALSE(verified(doubled).ok);
  Json swapped = set;
  std::swap(swapped["items"][0], swapped["items"][1]);
  EXPECT_FALSE(verified(swapped).ok);
  Json outside = set;
  outside["selection"]["from"] = 1;
  EXPECT_FALSE(verified(outside).ok);
  Json hidden = set;
  hidden["items"][1] = sample.item(3, false);
  EXPECT_FALSE(verified(hidden).ok);
}

TEST(Verify, ShownEventsAreWhatWasAskedFor) {
  const Sample sample(9);
  Json wrong = sample.document(true, 0, 9);
  wrong["items"][1] = sample.item(1, true);  // An EXECUTION.
  EXPECT_FALSE(verified(wrong).ok);
  Json scope = sample.document(true, 0, 9);
  scope["scope"]["tenant"] = "other";
  EXPECT_FALSE(verified(scope).ok);
  Json relative = sample.document(true, 0, 9);
  relative["selection"]["filters"] = "timeRange=PT1H";
  EXPECT_FALSE(verified(relative).ok);
}

TEST(Verify, AHiddenActorLeavesItsConditionsOpen) {
  const Sample sample(4);
  Json document = sample.document(false, 0, 4);
  for (Json& item : document["items"]) {
    Json& actor = item["parts"]["actor"];
    actor = {{"commitment", actor["commitment"]}, {"state", "withheld"}};
  }
  document["selection"]["filters"] = "resource=FLOW&username=jane";
  const Report report = verified(document);
  EXPECT_TRUE(report.ok) << reasons(report);
  EXPECT_EQ(report.not_evaluated, 2U);
  document["selection"]["filters"] = "resource=TRIGGER&username=jane";
  EXPECT_FALSE(verified(document).ok);
}

TEST(Verify, ErasedPartsAreCounted) {
  const Sample sample(4);
  Json document = sample.document(false, 0, 4);
  Json& actor = document["items"][0]["parts"]["actor"];
  actor = {{"commitment", actor["commitment"]}, {"state", "erased"}};
  const Report report = verified(document);
  EXPECT_TRUE(report.ok) << reasons(report);
  EXPECT_EQ(report.erased, 1U);
}

TEST(Verify, UnknownMembersAreRefusedEverywhere) {
  const Sample sample(4);
  const Json good = sample.document(false, 0, 4);
  for (const char* place : {"", "/selection", "/scope", "/items/0", "/items/0/parts",
                            "/items/0/parts/event", "/items/0/proof"}) {
    Json more = good;
    more[Json::json_pointer(place)]["note"] = "verified by all";
    EXPECT_FALSE(verified(more).ok) << place;
  }
}

// A changed byte is found, or it changed nothing that is said: the text then reads as the same
// JSON value, or asks for something that is true of the same items too.
TEST(Verify, EveryByteCounts) {
  const Sample sample(3);
  Json document = sample.document(true, 0, 3);
  document["consistency"] = sample.consistency(2);
  const std::string text = document.dump();
  ASSERT_TRUE(verify(text, {}).ok);
  std::size_t same = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x20U, 0x80U}) {
      std::string changed = text;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ flip);
      if (!verify(changed, {}).ok) continue;
      const auto parsed = record::parse_json(changed);
      ASSERT_TRUE(parsed.has_value());
      EXPECT_TRUE(*parsed == document) << "byte " << at << ": " << changed.substr(at, 30);
      ++same;
    }
  }
  EXPECT_LT(same, 5U);
}

TEST(Verify, EveryCutIsFound) {
  const Sample sample(2);
  const std::string text = sample.document(true, 0, 2).dump();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(verify(std::string_view(text).substr(0, size), {}).ok) << size;
  }
}

TEST(Page, CarriesOneDocument) {
  const std::string open = "<script type=\"application/json\" id=\"evidence\">";
  EXPECT_EQ(document_of("{\"a\":1}").value(), "{\"a\":1}");
  EXPECT_EQ(document_of("<!doctype html><p>" + open + "{}</script></p>").value(), "{}");
  for (const std::string& page :
       {"<!doctype html>" + open + "{}</script>" + open + "{}</script>", "<!doctype html>" + open,
        std::string("<!doctype html><p>"), "<!doctype html>" + open + "{}<b></script>"}) {
    EXPECT_FALSE(document_of(page).has_value()) << page;
  }
}

}  // namespace
}  // namespace daybook::evidence
