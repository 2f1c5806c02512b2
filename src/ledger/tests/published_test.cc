// SPDX-License-Identifier: Apache-2.0
// The static export and the check of a published log, held against each other and against
// tampering.
#include <chrono>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support.h"
#include "tests/vectors.h"
#include "tree_tiles.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::must_open;
using testing::vectors;

using Published = std::map<std::string, Bytes>;

Fetch fetch_from(const Published& files) {
  return [&files](const std::string& path) -> Result<Bytes> {
    const auto found = files.find(path);
    if (found == files.end()) return Error{Errc::not_found, "404", path};
    return found->second;
  };
}

Published files_under(const Bench& bench, const std::string& root) {
  Published files;
  for (const auto& path : bench.fs.all_files()) {
    const std::string name = path.string();
    if (name.starts_with(root + "/")) {
      files[name.substr(root.size() + 1)] = *bench.fs.get(path);
    }
  }
  return files;
}

void append_many(Ledger& ledger, Bench& bench, int from, int count) {
  std::vector<std::string> ids;
  for (int n = from; n < from + count; ++n) ids.push_back("e" + std::to_string(n));
  ASSERT_TRUE(append_and_wait(ledger, bench.batch(ids)));
}

TEST(Export, CoversEverythingAndVerifies) {
  for (const int size : {0, 1, 255, 256, 257, 700}) {
    Bench bench;
    {
      auto ledger = must_open(bench);
      if (size > 0) append_many(*ledger, bench, 0, size);
      ASSERT_TRUE(ledger->close());
    }
    const auto exported = export_static(bench.fs, testing::kDataDir, "/out");
    ASSERT_TRUE(exported) << exported.error().context;
    EXPECT_EQ(*exported, static_cast<std::uint64_t>(size));
    const Published files = files_under(bench, "/out");
    const auto report = verify_published(fetch_from(files), {});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->ok) << describe(*report);
    EXPECT_EQ(report->tree_size, static_cast<std::uint64_t>(size));
    EXPECT_EQ(report->root, bench.verify().root);
    EXPECT_EQ(export_static(bench.fs, testing::kDataDir, "/out").error().code, Errc::exists);

    // What the running ledger serves is the same, byte for byte.
    auto ledger = must_open(bench);
    for (const auto& [path, bytes] : files) {
      const auto name = parse_tile_path(path);
      if (!name) continue;
      const auto served = ledger->reader().tile(*name);
      ASSERT_TRUE(served) << path;
      EXPECT_EQ(*served, bytes) << path;
    }
  }
}

TEST(Export, AfterAnUncleanStop) {
  Bench bench;
  {
    auto ledger = must_open(bench);
    append_many(*ledger, bench, 0, 5);
    bench.fs.kill_process();
  }
  const auto exported = export_static(bench.fs, testing::kDataDir, "/out");
  ASSERT_TRUE(exported) << exported.error().context;
  EXPECT_EQ(*exported, 5U);
  EXPECT_TRUE(verify_published(fetch_from(files_under(bench, "/out")), {})->ok);
}

TEST(Export, BesideARunningServer) {
  Bench bench;
  auto ledger = must_open(bench);
  append_many(*ledger, bench, 0, 5);
  bench.options.checkpoint_interval_ms = 1000;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(publish_and_wait(*ledger));
  });
  const auto exported = export_static(bench.fs, testing::kDataDir, "/out");
  later.join();
  ASSERT_TRUE(exported) << exported.error().context;
  EXPECT_EQ(*exported, 5U);
  EXPECT_TRUE(ledger->writable());
}

TEST(Export, RefusesADamagedLedger) {
  Bench bench;
  {
    auto ledger = must_open(bench);
    append_many(*ledger, bench, 0, 5);
    ASSERT_TRUE(ledger->close());
  }
  const std::string path = "/data/ledger/journal-00000000000000000000";
  Bytes bytes = *bench.fs.get(path);
  bytes[bytes.size() / 2] ^= 1U;
  bench.fs.put(path, bytes);
  EXPECT_EQ(export_static(bench.fs, testing::kDataDir, "/out").error().code, Errc::corrupt);
  EXPECT_FALSE(bench.fs.get("/out/checkpoint"));
}

class PublishedTamper : public ::testing::Test {
 protected:
  void SetUp() override {
    auto ledger = must_open(bench);
    append_many(*ledger, bench, 0, 100);
    older = publish_and_wait(*ledger)->note;
    append_many(*ledger, bench, 100, 420);
    ASSERT_TRUE(ledger->close());
    ASSERT_TRUE(export_static(bench.fs, testing::kDataDir, "/out"));
    files = files_under(bench, "/out");
  }
  VerifyReport check(const VerifyOptions& options = {}) {
    auto report = verify_published(fetch_from(files), options);
    EXPECT_TRUE(report);
    return report ? *std::move(report) : VerifyReport{};
  }
  Bench bench;
  std::string older;
  Published files;
};

TEST_F(PublishedTamper, EveryFileChangedCutOrMissing) {
  ASSERT_TRUE(check().ok);
  for (auto& [path, bytes] : files) {
    if (path == "key") continue;
    const Bytes original = bytes;
    for (std::size_t at = 0; at < original.size(); at += 1 + original.size() / 9) {
      bytes = original;
      bytes[at] ^= 1U;
      EXPECT_FALSE(check().ok) << path << " at " << at;
    }
    bytes = original;
    bytes.pop_back();
    EXPECT_FALSE(check().ok) << path << " cut";
    bytes = original;
    bytes.push_back(0);
    EXPECT_FALSE(check().ok) << path << " longer";
    bytes = original;
  }
  const Published all = files;
  for (const auto& [path, bytes] : all) {
    if (path == "key" || path == "checkpoint") continue;
    files.erase(path);
    const auto report = check();
    EXPECT_FALSE(report.ok) << path;
    EXPECT_EQ(report.failures.at(0).file, path);
    files = all;
  }
  files.erase("checkpoint");
  EXPECT_EQ(verify_published(fetch_from(files), {}).error().code, Errc::not_found);
}

TEST_F(PublishedTamper, NamesTheEntry) {
  files["tile/0/001"][32 * 7 + 3] ^= 1U;
  const auto report = check();
  ASSERT_EQ(report.failures.size(), 1U) << describe(report);
  EXPECT_EQ(report.failures[0].file, "tile/0/001");
  EXPECT_EQ(report.failures[0].index, 256U + 7U);
}

TEST_F(PublishedTamper, KeysAndSavedCheckpoints) {
  VerifyOptions options;
  options.saved_checkpoint = older;
  EXPECT_EQ(check(options).anchored_to, 100U);
  options.keys = {*crypto::NoteVerifier::parse(check().keys.at(0))};
  EXPECT_TRUE(check(options).ok);
  Bench other(9);
  ASSERT_TRUE(must_open(other)->close());
  options.keys = {*crypto::NoteVerifier::parse(other.verify().keys.at(0))};
  EXPECT_FALSE(check(options).ok);
  // Rolled back: the older checkpoint with its tiles is sound, but not to who has seen the newer
  // one.
  const std::string newer(as_text(files["checkpoint"]));
  options.keys.clear();
  options.saved_checkpoint = newer;
  ASSERT_TRUE(check(options).ok);
  files["checkpoint"] = Bytes(as_bytes(older).begin(), as_bytes(older).end());
  EXPECT_FALSE(check(options).ok);
}

TEST_F(PublishedTamper, PartialTilesMayHaveGivenWayToFullOnes) {
  files["checkpoint"] = Bytes(as_bytes(older).begin(), as_bytes(older).end());
  const auto report = check();  // Size 100: only the full tile 0 is there.
  EXPECT_TRUE(report.ok) << describe(report);
  EXPECT_EQ(report.tree_size, 100U);
}

TEST(Published, NetworkErrorsAreErrorsNotFindings) {
  const Fetch broken = [](const std::string&) -> Result<Bytes> {
    return Error{Errc::timeout, "no answer"};
  };
  EXPECT_EQ(verify_published(broken, {}).error().code, Errc::timeout);
}

// The bundle vectors, by way of a tree of one leaf.
TEST(Published, BundleVectors) {
  for (const auto& vector : vectors()["bundles"]["encodings"]) {
    if (!vector.contains("prefix_hex")) continue;
    const std::string text = vector["entry"];  // "<n> bytes of 0x41" and the like.
    const std::size_t length = std::stoul(text);
    const std::string data(length, 'A');
    Bytes bundle;
    TreeTiles tiles([&](const TileName& name, const Bytes& bytes) -> Status {
      if (name.entries) bundle = bytes;
      return {};
    });
    ASSERT_TRUE(tiles.push(testing::leaf_hash_of(data), as_bytes(data)));
    ASSERT_TRUE(tiles.finish());
    EXPECT_EQ(to_base64(tiles.range().root()), vector["leaf_hash"]) << text;
    EXPECT_EQ(bundle.size(), vector["total"]);
    EXPECT_EQ(to_hex(crypto::sha256(ByteSpan(bundle))), vector["sha256_hex"]);
  }
}

TEST_F(PublishedTamper, MalformedBundlesAreRefused) {
  for (const auto& hex : vectors()["bundles"]["malformed_hex_must_be_rejected"]) {
    files["tile/entries/000"] = *from_hex(hex.get<std::string>());
    const auto report = check();
    EXPECT_FALSE(report.ok);
    EXPECT_EQ(report.failures.at(0).file, "tile/entries/000");
  }
}

}  // namespace
}  // namespace daybook::ledger
