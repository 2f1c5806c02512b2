// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/checkpoint.h"

#include <gtest/gtest.h>

#include "daybook/crypto/note.h"

#include "signing_key.h"
#include "tests/vectors.h"

namespace daybook::ledger {
namespace {

using testing::vectors;

crypto::NoteSigner log_signer() {
  auto signer = parse_signer_string(vectors()["keys"]["log1"]["skey"].get<std::string>());
  EXPECT_TRUE(signer);
  return *std::move(signer);
}

TEST(Checkpoint, GoodOnesBothWays) {
  const auto signer = log_signer();
  EXPECT_EQ(vectors()["checkpoints"]["good"].size(), 9U);
  for (const auto& vector : vectors()["checkpoints"]["good"]) {
    const std::string signed_note = vector["signed"];
    const auto opened = open_checkpoint(signed_note, {signer.verifier()});
    ASSERT_TRUE(opened) << signed_note;
    EXPECT_EQ(opened->size.value(), vector["size"]);
    EXPECT_EQ(opened->origin, vectors()["checkpoints"]["origin"]);
    if (!vector.contains("text") || !opened->extensions.empty()) continue;
    const std::string text = vector["text"];
    EXPECT_EQ(checkpoint_text(*opened), text);
    const auto again = crypto::sign_note(text, {&signer});  // Ed25519 is deterministic.
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, signed_note);
  }
}

TEST(Checkpoint, BadTextsAreRefused) {
  std::size_t seen = 0;
  for (const auto& vector : vectors()["checkpoints"]["bad_text"]) {
    const auto parsed = parse_checkpoint_text(vector["text"].get<std::string>());
    ASSERT_FALSE(parsed) << vector["text"];
    EXPECT_EQ(parsed.error().code, Errc::invalid);
    ++seen;
  }
  EXPECT_EQ(seen, 15U);
  const std::string root = to_base64(Hash{}) + "\n";
  for (const std::string& text :
       {std::string(), std::string("\n"), "a\n00\n" + root, "a\n 5\n" + root, "a\n5\n\n" + root,
        "a\n\n" + root, "a\n5\n" + root + "x", "a\n9223372036854775808\n" + root}) {
    EXPECT_FALSE(parse_checkpoint_text(text)) << text;
  }
  EXPECT_TRUE(parse_checkpoint_text("a\n9223372036854775807\n" + root));
  EXPECT_TRUE(parse_checkpoint_text("a\n0\n" + root + "extension\n"));
}

TEST(Checkpoint, OriginMustBeTheSigner) {
  const auto signer = log_signer();
  Checkpoint checkpoint;
  checkpoint.origin = "another.example.org/log";
  checkpoint.size = TreeSize(3);
  const auto note = crypto::sign_note(checkpoint_text(checkpoint), {&signer});
  ASSERT_TRUE(note);
  EXPECT_EQ(open_checkpoint(*note, {signer.verifier()}).error().code, Errc::denied);
  EXPECT_FALSE(open_checkpoint(*note, {}));
}

TEST(TlogProof, VectorsAreWrittenByteForByte) {
  ASSERT_EQ(vectors()["tlog_proofs"].size(), 10U);
  for (const auto& vector : vectors()["tlog_proofs"]) {
    std::string document = vector["doc"];
    // Taken apart here and put together by the code under test, which writes no `extra`.
    std::size_t at = document.find('\n') + 1;
    if (document.compare(at, 6, "extra ") == 0)
      document.erase(at, document.find('\n', at) + 1 - at);
    at = document.find('\n', at) + 1;
    const std::size_t blank = document.find("\n\n", at - 1) + 1;
    std::vector<Hash> hashes;
    while (at < blank) {
      const std::size_t end = document.find('\n', at);
      hashes.push_back(testing::hash_of_base64(document.substr(at, end - at)));
      at = end + 1;
    }
    EXPECT_EQ(tlog_proof_text(EntryIndex(vector["i"]), hashes, document.substr(blank + 1)),
              document);
  }
}

TEST(SigningKey, TextFormOfTheVectors) {
  for (const auto& [label, key] : vectors()["keys"].items()) {
    auto signer = parse_signer_string(key["skey"].get<std::string>());
    ASSERT_TRUE(signer) << label;
    EXPECT_EQ(signer->verifier().vkey(), key["vkey"]);
    crypto::Ed25519Seed seed{};
    const auto bytes = from_hex(key["seed_hex"].get<std::string>());
    std::copy(bytes->begin(), bytes->end(), seed.begin());
    const auto made = crypto::Ed25519Key::from_seed(seed);
    EXPECT_EQ(signer_string(key["name"], *made), key["skey"]);
  }
}

TEST(SigningKey, MalformedOnesAreRefused) {
  const std::string good = vectors()["keys"]["log1"]["skey"];
  const std::size_t id_at = good.find("+a86d34a8+");
  ASSERT_NE(id_at, std::string::npos);
  std::string wrong_id = good;
  wrong_id[id_at + 1] = 'b';
  for (const std::string& bad :
       {std::string(), good.substr(8), good.substr(0, good.size() - 4), wrong_id, good + "A",
        std::string("PRIVATE+KEY++a86d34a8+AAAA"), std::string("PRIVATE+KEY+name")}) {
    const auto parsed = parse_signer_string(bad);
    ASSERT_FALSE(parsed) << bad.size();
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
}

}  // namespace
}  // namespace daybook::ledger
