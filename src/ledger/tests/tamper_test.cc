// SPDX-License-Identifier: Apache-2.0
// Any byte or file changed under ledger/ after a clean stop must be found by verify, and named.
#include <gtest/gtest.h>

#include "journal_format.h"
#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::must_open;

// A small ledger with several files, groups and checkpoints, stopped cleanly.
void fill(Bench& bench) {
  bench.options.segment_entries = 2;
  auto ledger = must_open(bench);
  int n = 0;
  for (const int count : {1, 2, 1}) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back("e" + std::to_string(n++));
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch(ids)));
    ASSERT_TRUE(publish_and_wait(*ledger));
  }
  ASSERT_TRUE(ledger->close());
}

std::vector<FileSystem::Path> ledger_files(const Bench& bench) {
  std::vector<FileSystem::Path> files;
  for (const auto& path : bench.fs.all_files()) {
    if (path.parent_path() == "/data/ledger") files.push_back(path);
  }
  return files;
}

std::string in_ledger_dir(const FileSystem::Path& path) {
  return "ledger/" + path.filename().string();
}

bool names_file(const VerifyReport& report, const std::string& file) {
  return std::any_of(report.failures.begin(), report.failures.end(),
                     [&](const VerifyFailure& failure) { return failure.file == file; });
}

class Tamper : public ::testing::Test {
 protected:
  void SetUp() override {
    fill(bench);
    files = ledger_files(bench);
    ASSERT_GE(files.size(), 5U);  // key, checkpoints, three journal files.
    const auto report = bench.verify();
    ASSERT_TRUE(report.ok) << describe(report);
    ASSERT_EQ(report.tree_size, 4U);
  }

  // Verification and opening both refuse, and verification names the file.
  void expect_found(const FileSystem::Path& path, const std::string& what) {
    const auto report = bench.verify();
    EXPECT_FALSE(report.ok) << in_ledger_dir(path) << " " << what;
    EXPECT_TRUE(names_file(report, in_ledger_dir(path)))
        << in_ledger_dir(path) << " " << what << ": " << describe(report);
  }

  Bench bench;
  std::vector<FileSystem::Path> files;
};

TEST_F(Tamper, EveryByteFlipped) {
  for (const auto& path : files) {
    const Bytes original = *bench.fs.get(path);
    for (std::size_t at = 0; at < original.size(); ++at) {
      Bytes changed = original;
      changed[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
      bench.fs.put(path, changed);
      expect_found(path, "flipped at " + std::to_string(at));
      if (HasFailure()) return;
    }
    bench.fs.put(path, original);
  }
}

TEST_F(Tamper, OpeningRefusesWhatVerifyRefuses) {
  for (const auto& path : files) {
    const Bytes original = *bench.fs.get(path);
    for (std::size_t at = 0; at < original.size(); at += 13) {
      Bytes changed = original;
      changed[at] ^= 0x10U;
      bench.fs.put(path, changed);
      const auto opened = bench.open();
      ASSERT_FALSE(opened) << in_ledger_dir(path) << " at " << at;
      EXPECT_EQ(opened.error().code, Errc::corrupt);
      EXPECT_EQ(opened.error().path, in_ledger_dir(path));
    }
    bench.fs.put(path, original);
  }
  EXPECT_TRUE(bench.open());
}

TEST_F(Tamper, EveryLengthCut) {
  for (const auto& path : files) {
    const Bytes original = *bench.fs.get(path);
    for (std::size_t length = 0; length < original.size(); ++length) {
      bench.fs.put(path,
                   Bytes(original.begin(), original.begin() + static_cast<std::ptrdiff_t>(length)));
      expect_found(path, "cut to " + std::to_string(length));
      if (HasFailure()) return;
    }
    bench.fs.put(path, original);
  }
}

TEST_F(Tamper, BytesAdded) {
  for (const auto& path : files) {
    const Bytes original = *bench.fs.get(path);
    for (const std::size_t more : {1U, 84U, 500U}) {
      Bytes longer = original;
      longer.resize(original.size() + more);  // Zeros.
      bench.fs.put(path, longer);
      expect_found(path, "longer");
      longer = original;  // A copy of what is there.
      const std::size_t tail = std::min(more, original.size());
      longer.insert(longer.end(), original.end() - static_cast<std::ptrdiff_t>(tail),
                    original.end());
      bench.fs.put(path, longer);
      expect_found(path, "longer by a copy");
    }
    bench.fs.put(path, original);
  }
}

TEST_F(Tamper, EveryFileRemoved) {
  for (const auto& path : files) {
    const Bytes original = *bench.fs.get(path);
    ASSERT_TRUE(bench.fs.remove(path));
    expect_found(path, "removed");
    EXPECT_FALSE(bench.open()) << in_ledger_dir(path);
    bench.fs.put(path, original);
  }
}

TEST_F(Tamper, FilesAdded) {
  const Bytes journal = *bench.fs.get("/data/ledger/journal-00000000000000000000");
  for (const std::string& name :
       {std::string("note.txt"), std::string("checkpoints.tmp"), std::string("journal-4"),
        std::string(".hidden"), journal_name(4), journal_name(100), journal_name(2)}) {
    const FileSystem::Path path = FileSystem::Path("/data/ledger") / name;
    for (const Bytes& content : {Bytes{}, Bytes{1, 2, 3}, journal}) {
      bench.fs.put(path, content);
      const auto report = bench.verify();
      EXPECT_FALSE(report.ok) << name << " with " << content.size();
      EXPECT_TRUE(names_file(report, in_ledger_dir(path))) << name << ": " << describe(report);
      ASSERT_TRUE(bench.fs.remove(path));
    }
  }
}

TEST_F(Tamper, FilesSwappedOrFromAnotherLedger) {
  Bench other(77);
  fill(other);
  for (const auto& path : files) {
    const Bytes original = *bench.fs.get(path);
    bench.fs.put(path, *other.fs.get(path));
    EXPECT_FALSE(bench.verify().ok) << in_ledger_dir(path);
    bench.fs.put(path, original);
  }
  const Bytes first = *bench.fs.get(files[2]);
  const Bytes second = *bench.fs.get(files[3]);
  bench.fs.put(files[2], second);
  bench.fs.put(files[3], first);
  EXPECT_FALSE(bench.verify().ok);
}

// An older state of the whole directory verifies by itself; a checkpoint kept outside tells.
TEST_F(Tamper, RollbackIsFoundBySavedCheckpoint) {
  std::vector<std::pair<FileSystem::Path, Bytes>> older;
  for (const auto& path : files) older.emplace_back(path, *bench.fs.get(path));
  std::string saved;
  {
    auto ledger = must_open(bench);
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"later"})));
    saved = publish_and_wait(*ledger)->note;
    ASSERT_TRUE(ledger->close());
  }
  VerifyOptions options;
  options.saved_checkpoint = saved;
  auto report = bench.verify(options);
  EXPECT_TRUE(report.ok) << describe(report);
  EXPECT_EQ(report.anchored_to, 5U);
  for (const auto& path : ledger_files(bench)) ASSERT_TRUE(bench.fs.remove(path));
  for (const auto& [path, content] : older) bench.fs.put(path, content);
  EXPECT_TRUE(bench.verify().ok);
  report = bench.verify(options);
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.anchored_to, std::nullopt);
}

TEST_F(Tamper, SavedCheckpointsOfEverySizeAnchor) {
  std::vector<std::string> notes;
  {
    auto ledger = must_open(bench);
    for (const std::uint64_t size : {0U, 1U, 3U, 4U}) {
      notes.push_back(ledger->reader().checkpoint_at(TreeSize(size))->note);
    }
    ASSERT_TRUE(ledger->close());
  }
  for (const std::string& note : notes) {
    VerifyOptions options;
    options.saved_checkpoint = note;
    const auto report = bench.verify(options);
    EXPECT_TRUE(report.ok) << describe(report);
    EXPECT_TRUE(report.anchored_to.has_value());
  }
  VerifyOptions garbage;
  garbage.saved_checkpoint = "not a note";
  EXPECT_FALSE(bench.verify(garbage).ok);
}

TEST_F(Tamper, KeyThatSignedNothingHere) {
  Bench other(5);
  ASSERT_TRUE(must_open(other)->close());
  const auto own = *crypto::NoteVerifier::parse(bench.verify().keys.at(0));
  const auto foreign = *crypto::NoteVerifier::parse(other.verify().keys.at(0));
  VerifyOptions options;
  options.keys = {own};
  EXPECT_TRUE(bench.verify(options).ok);
  options.keys = {foreign, own};
  EXPECT_TRUE(bench.verify(options).ok);
  options.keys = {foreign};
  EXPECT_FALSE(bench.verify(options).ok);
}

TEST_F(Tamper, NamesTheEntryThatIsHit) {
  auto path = FileSystem::Path("/data/ledger") / journal_name(1);
  Bytes bytes = *bench.fs.get(path);
  const auto at = as_text(bytes).find("\"id\":\"e2\"");
  ASSERT_NE(at, std::string_view::npos);
  bytes[at + 6] ^= 1U;
  bench.fs.put(path, bytes);
  const auto report = bench.verify();
  ASSERT_EQ(report.failures.size(), 1U) << describe(report);
  EXPECT_EQ(report.failures[0].index, 2U);
  EXPECT_EQ(report.tree_size, 1U);
}

TEST(Verify, MissingDirectories) {
  Bench bench;
  EXPECT_EQ(verify_directory(bench.fs, "/nowhere", {}).error().code, Errc::not_found);
  ASSERT_TRUE(bench.fs.make_dir("/empty"));
  EXPECT_EQ(verify_directory(bench.fs, "/empty", {}).error().code, Errc::not_found);
  bench.fs.put("/data/state.db", Bytes{1});
  const auto report = bench.verify();  // A data directory whose ledger is gone.
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.failures.at(0).file, "ledger");
}

TEST(Verify, BesideARunningWriter) {
  Bench bench;
  auto ledger = must_open(bench);
  for (int n = 0; n < 20; ++n) {
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({std::to_string(n)})));
    if (n % 3 == 0) {
      ASSERT_TRUE(publish_and_wait(*ledger));
    }
    const auto report = bench.verify();
    EXPECT_TRUE(report.ok) << describe(report);
    EXPECT_EQ(report.tree_size, static_cast<std::uint64_t>(n) + 1);
  }
}

}  // namespace
}  // namespace daybook::ledger
