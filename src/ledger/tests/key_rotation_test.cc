// SPDX-License-Identifier: Apache-2.0
// The signing key gives way to another: who trusts the old one learns the new one, whatever fails.
#include "daybook/ledger/key_rotation.h"

#include <optional>

#include <gtest/gtest.h>

#include "key_ring.h"
#include "ledger_files.h"
#include "signing_key.h"
#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::FaultyFileSystem;
using testing::kDataDir;
using testing::must_open;
using testing::SeededRandom;
using Fault = FaultyFileSystem::Fault;
using Loss = FaultyFileSystem::Loss;

constexpr std::int64_t kOverlapMs = 3'600'000;
const FileSystem::Path kKeyFile = "/data/keys/ledger.key";

crypto::NoteVerifier verifier(const std::string& vkey) {
  return crypto::NoteVerifier::parse(vkey).value();
}

std::vector<std::string> signers_of(const std::string& note, const std::vector<std::string>& of) {
  std::vector<std::string> out;
  for (const std::string& vkey : of) {
    if (crypto::open_note(note, {verifier(vkey)})) out.push_back(vkey);
  }
  return out;
}

VerifyReport verify_with(Bench& bench, const std::string& vkey) {
  VerifyOptions how;
  how.keys = {verifier(vkey)};
  return bench.verify(how);
}

std::string append_and_publish(Bench& bench, Ledger& ledger, const std::string& id) {
  EXPECT_TRUE(append_and_wait(ledger, bench.batch({id})));
  const auto published = publish_and_wait(ledger);
  EXPECT_TRUE(published);
  return published ? published->note : std::string();
}

crypto::NoteSigner signer_of(const std::string& name, std::uint8_t seed) {
  crypto::Ed25519Seed bytes{};
  bytes.fill(seed);
  return {name, crypto::Ed25519Key::from_seed(bytes).value()};
}

TEST(KeyRotation, StatementIsSignedByBothAndReadBack) {
  const auto old_key = signer_of("example.org/log", 1);
  const auto new_key = signer_of("example.org/log", 2);
  const KeyRotation said{"example.org/log", old_key.verifier().vkey(), new_key.verifier().vkey(),
                         1'795'000'000'000};
  const std::string note = sign_rotation(said, old_key, new_key).value();
  const auto read = open_rotation(note);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->old_key, said.old_key);
  EXPECT_EQ(read->new_key, said.new_key);
  EXPECT_EQ(read->at, said.at);
  EXPECT_FALSE(open_checkpoint(note, {old_key.verifier()})) << "it must never be a checkpoint";
  for (std::size_t at = 0; at < note.size(); ++at) {
    std::string changed = note;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(open_rotation(changed)) << at;
  }
}

TEST(KeyRotation, OneSignatureIsNotEnough) {
  const auto old_key = signer_of("example.org/log", 1);
  const auto new_key = signer_of("example.org/log", 2);
  const KeyRotation said{"example.org/log", old_key.verifier().vkey(), new_key.verifier().vkey(),
                         5};
  EXPECT_FALSE(open_rotation(sign_rotation(said, old_key, old_key).value()));
  EXPECT_FALSE(open_rotation(sign_rotation(said, new_key, new_key).value()));
}

TEST(KeyRotation, TrustFollowsTheChainFromTheOldKeyOnly) {
  std::vector<crypto::NoteSigner> keys;
  for (std::uint8_t n = 1; n <= 4; ++n) keys.push_back(signer_of("log", n));
  std::vector<std::string> statements;
  for (std::size_t n = 0; n + 1 < 3; ++n) {
    statements.push_back(
        sign_rotation({"log", keys[n].verifier().vkey(), keys[n + 1].verifier().vkey(), 1}, keys[n],
                      keys[n + 1])
            .value());
  }
  EXPECT_EQ(with_successors({keys[0].verifier()}, statements).size(), 3U);
  EXPECT_EQ(with_successors({keys[1].verifier()}, statements).size(), 2U);
  EXPECT_EQ(with_successors({keys[2].verifier()}, statements).size(), 1U);
  EXPECT_EQ(with_successors({keys[3].verifier()}, statements).size(), 1U);
  EXPECT_EQ(with_successors({}, statements).size(), 0U);
}

TEST(KeyRotation, BothSignForAWhileAndThenTheNewOneAlone) {
  Bench bench;
  auto ledger = must_open(bench);
  append_and_publish(bench, *ledger, "a");
  const std::string old_key = ledger->reader().keys().front();
  const auto rotated = ledger->signing_keys().rotate(kOverlapMs);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->old_key, old_key);
  const std::vector<std::string> both{rotated->new_key, old_key};
  EXPECT_EQ(ledger->reader().keys(), both);
  EXPECT_EQ(signers_of(append_and_publish(bench, *ledger, "b"), both), both);
  EXPECT_EQ(ledger->signing_keys().rotate(kOverlapMs).error().code, Errc::exists);

  bench.clock.advance(kOverlapMs);
  const std::vector<std::string> new_alone{rotated->new_key};
  EXPECT_EQ(signers_of(append_and_publish(bench, *ledger, "c"), both), new_alone);
  const std::string file(as_text(*bench.fs.get(kKeyFile)));
  EXPECT_EQ(file.find("previous"), std::string::npos) << "the old private key is still there";
  EXPECT_TRUE(ledger->signing_keys().rotate(kOverlapMs));
  EXPECT_TRUE(ledger->close());
}

TEST(KeyRotation, VerifiesWithOldAndNewButNotWithAnUnrelatedKey) {
  Bench bench;
  auto ledger = must_open(bench);
  const std::string first_note = append_and_publish(bench, *ledger, "a");
  const auto first = ledger->signing_keys().rotate(kOverlapMs);
  ASSERT_TRUE(first);
  append_and_publish(bench, *ledger, "b");
  bench.clock.advance(kOverlapMs);
  append_and_publish(bench, *ledger, "c");
  const auto second = ledger->signing_keys().rotate(0);
  ASSERT_TRUE(second);
  append_and_publish(bench, *ledger, "d");
  ASSERT_TRUE(ledger->close());
  ledger.reset();

  for (const std::string& key : {first->old_key, first->new_key, second->new_key}) {
    const auto report = verify_with(bench, key);
    EXPECT_TRUE(report.ok) << describe(report);
  }
  EXPECT_EQ(bench.verify().keys.size(), 3U);
  const auto unrelated = signer_of(bench.verify().origin, 77).verifier().vkey();
  EXPECT_FALSE(verify_with(bench, unrelated).ok);

  VerifyOptions anchored;
  anchored.keys = {verifier(first->old_key)};
  anchored.saved_checkpoint = first_note;
  const auto report = bench.verify(anchored);
  EXPECT_TRUE(report.ok) << describe(report);
  EXPECT_EQ(report.anchored_to, 1U);
}

// Without the statement nobody who knows the old key alone can be sure of the new one.
TEST(KeyRotation, AnIdentityThatNamesAKeyWithoutAStatementIsNotBelieved) {
  Bench bench;
  std::string old_key;
  {
    auto ledger = must_open(bench);
    old_key = ledger->reader().keys().front();
    ASSERT_TRUE(ledger->signing_keys().rotate(0));
    append_and_publish(bench, *ledger, "a");
    ASSERT_TRUE(ledger->close());
  }
  Identity identity = read_identity(bench.fs, kDataDir).value();
  identity.rotations.clear();
  ASSERT_TRUE(
      put_ledger_file(bench.fs, kDataDir, kIdentityFile, as_bytes(encode_identity(identity))));
  EXPECT_FALSE(verify_with(bench, old_key).ok);
  EXPECT_TRUE(verify_with(bench, identity.vkeys.front()).ok);
}

TEST(KeyRotation, SurvivesARestart) {
  Bench bench;
  std::string new_key;
  {
    auto ledger = must_open(bench);
    new_key = ledger->signing_keys().rotate(kOverlapMs)->new_key;
    ASSERT_TRUE(ledger->close());
  }
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->reader().keys().front(), new_key);
  EXPECT_EQ(ledger->signing_keys().rotations().size(), 1U);
  const auto keys = ledger->reader().keys();
  EXPECT_EQ(signers_of(append_and_publish(bench, *ledger, "a"), keys), keys);
}

// What one interrupted rotation left: it opens, signs, verifies with the key known before.
void expect_sound(Bench& bench, const std::string& old_key, const std::string& when) {
  const auto found = verify_with(bench, old_key);
  ASSERT_TRUE(found.ok) << when << ": " << describe(found);
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger) << when;
  const auto keys = ledger->reader().keys();
  ASSERT_LE(keys.size(), 2U) << when;
  EXPECT_EQ(keys.back(), old_key) << when;
  EXPECT_EQ(ledger->signing_keys().rotations().size() + 1, keys.size()) << when;
  EXPECT_EQ(signers_of(append_and_publish(bench, *ledger, "after"), keys), keys) << when;
  // It can be done, or done again, from wherever it stopped.
  bench.clock.advance(kOverlapMs);
  const auto again = ledger->signing_keys().rotate(kOverlapMs);
  ASSERT_TRUE(again) << when;
  append_and_publish(bench, *ledger, "again");
  ASSERT_TRUE(ledger->close()) << when;
  ledger.reset();
  for (const std::string& key : {old_key, again->new_key}) {
    const auto report = verify_with(bench, key);
    EXPECT_TRUE(report.ok) << when << ": " << describe(report);
  }
}

// The n-th file call of a rotation fails, for every n; then the process goes on or is gone.
void fail_each_call(Fault fault, std::optional<Loss> loss) {
  bool all_done = false;
  for (std::uint64_t n = 1; !all_done; ++n) {
    ASSERT_LT(n, 100U);
    Bench bench(n);
    std::string old_key;
    {
      auto ledger = must_open(bench);
      append_and_publish(bench, *ledger, "a");
      old_key = ledger->reader().keys().front();
      bench.fs.reset_calls();
      bench.fs.fail_call(n, fault, loss.has_value());
      const auto rotated = ledger->signing_keys().rotate(kOverlapMs);
      all_done = bench.fs.calls() < n;
      bench.fs.clear_faults();
      if (!loss) {
        // Goes on with what it has: signs, and can try again.
        append_and_publish(bench, *ledger, "b");
        ASSERT_TRUE(rotated || ledger->signing_keys().rotate(kOverlapMs)) << n;
        append_and_publish(bench, *ledger, "c");
        ASSERT_TRUE(ledger->close()) << n;
      } else {
        bench.fs.crash(*loss);
      }
    }
    expect_sound(bench, old_key, "call " + std::to_string(n));
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(KeyRotation, EachFailingCallLeavesALedgerThatGoesOn) {
  fail_each_call(Fault::io_error, std::nullopt);
}
TEST(KeyRotation, PowerLostAtEachCall) {
  fail_each_call(Fault::io_error, Loss::drop_all_unsynced);
  fail_each_call(Fault::io_error, Loss::keep_all);
  fail_each_call(Fault::short_life, Loss::torn);
}

TEST(KeyRotation, KeysMayLieElsewhere) {
  Bench bench;
  bench.options.keys_dir = "/elsewhere";
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger->signing_keys().rotate(kOverlapMs));
  append_and_publish(bench, *ledger, "a");
  ASSERT_TRUE(ledger->close());
  EXPECT_TRUE(bench.fs.get("/elsewhere/ledger.key"));
  EXPECT_FALSE(bench.fs.get(kKeyFile));
  EXPECT_TRUE(bench.verify().ok);
}

TEST(KeyRotation, MalformedKeyFilesAreRefused) {
  Bench bench;
  {
    auto ledger = must_open(bench);
    ASSERT_TRUE(ledger->close());
  }
  const std::string good(as_text(*bench.fs.get(kKeyFile)));
  for (const std::string& bad :
       {std::string(), good + "more\n", good + "previous x " + good, good + "next 5\n", good + good,
        "previous 5 " + good, good.substr(1)}) {
    const auto bytes = as_bytes(bad);
    bench.fs.put(kKeyFile, Bytes(bytes.begin(), bytes.end()));
    EXPECT_FALSE(bench.open()) << bad.size();
  }
}

}  // namespace
}  // namespace daybook::ledger
