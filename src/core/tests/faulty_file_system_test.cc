// SPDX-License-Identifier: Apache-2.0
#include "daybook/core_testing/faulty_file_system.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

namespace daybook::testing {
namespace {

using Fault = FaultyFileSystem::Fault;
using Loss = FaultyFileSystem::Loss;

#ifdef DAYBOOK_UNSAFE_NO_SYNC
constexpr bool kSyncWorks = false;
#else
constexpr bool kSyncWorks = true;
#endif

std::string text_of(const FaultyFileSystem& fs, const FileSystem::Path& path) {
  const auto bytes = fs.get(path);
  return bytes ? std::string(as_text(*bytes)) : "(absent)";
}

std::unique_ptr<File> open(FaultyFileSystem& fs, const FileSystem::Path& path,
                           OpenMode mode = OpenMode::create) {
  auto file = fs.open(path, mode);
  EXPECT_TRUE(file.has_value()) << path;
  return *std::move(file);
}

// A file whose name and content "base" are on disk.
std::unique_ptr<File> durable_file(FaultyFileSystem& fs, const FileSystem::Path& path) {
  fs.put(path, Bytes(as_bytes("base").begin(), as_bytes("base").end()));
  return open(fs, path, OpenMode::write);
}

TEST(PowerLoss, UnsyncedBytesAreLostAndSyncedOnesStay) {
  FaultyFileSystem fs(1);
  auto file = durable_file(fs, "/d/a");
  ASSERT_TRUE(file->write_at(4, as_bytes("+one")));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(file->write_at(8, as_bytes("+two")));
  ASSERT_TRUE(file->write_at(0, as_bytes("X")));
  EXPECT_EQ(text_of(fs, "/d/a"), "Xase+one+two");
  fs.crash(Loss::drop_all_unsynced);
  EXPECT_EQ(text_of(fs, "/d/a"), kSyncWorks ? "base+one" : "base");
}

TEST(PowerLoss, TruncationNeedsSyncToo) {
  FaultyFileSystem fs(1);
  ASSERT_TRUE(durable_file(fs, "/d/a")->truncate(1));
  EXPECT_EQ(text_of(fs, "/d/a"), "b");
  fs.crash(Loss::drop_all_unsynced);
  EXPECT_EQ(text_of(fs, "/d/a"), "base");
  auto file = open(fs, "/d/a");
  ASSERT_TRUE(file->truncate(1));
  ASSERT_TRUE(file->sync());
  fs.crash(Loss::drop_all_unsynced);
  EXPECT_EQ(text_of(fs, "/d/a"), kSyncWorks ? "b" : "base");
}

TEST(PowerLoss, ANewNameNeedsItsDirectorySynced) {
  FaultyFileSystem fs(1);
  ASSERT_TRUE(fs.make_dir("/d"));
  for (const char* name : {"/d/kept", "/d/lost"}) {
    auto file = open(fs, name);
    ASSERT_TRUE(file->write_at(0, as_bytes("x")));
    ASSERT_TRUE(file->sync());
    if (name == std::string("/d/kept")) {
      ASSERT_TRUE(fs.sync_dir("/d"));
    }
  }
  fs.crash(Loss::drop_all_unsynced);
  EXPECT_EQ(text_of(fs, "/d/kept"), kSyncWorks ? "x" : "(absent)");
  EXPECT_EQ(text_of(fs, "/d/lost"), "(absent)");
  EXPECT_TRUE(fs.exists("/d").value());
}

TEST(PowerLoss, SyncingAnotherDirectoryDoesNotHelp) {
  FaultyFileSystem fs(1);
  ASSERT_TRUE(fs.make_dir("/d"));
  ASSERT_TRUE(fs.make_dir("/e"));
  ASSERT_TRUE(open(fs, "/d/a")->sync());
  ASSERT_TRUE(fs.sync_dir("/e"));
  ASSERT_TRUE(fs.sync_dir("/"));
  fs.crash(Loss::drop_all_unsynced);
  EXPECT_EQ(text_of(fs, "/d/a"), "(absent)");
}

TEST(PowerLoss, ARenameIsOldOrNewNeverNeither) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyFileSystem fs(seed);
    durable_file(fs, "/d/target");
    auto file = open(fs, "/d/new");
    ASSERT_TRUE(file->write_at(0, as_bytes("new")));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(fs.rename("/d/new", "/d/target"));
    fs.crash(Loss::random_subset);
    outcomes.insert(text_of(fs, "/d/target"));
    EXPECT_FALSE(text_of(fs, "/d/target") == "new" && fs.exists("/d/new").value());
  }
  // Without a working sync the bytes of the new file may be missing under the new name.
  EXPECT_TRUE(outcomes.contains("base"));
  EXPECT_TRUE(outcomes.contains("new"));
  if (kSyncWorks) {
    EXPECT_EQ(outcomes.size(), 2U);
  }
}

TEST(PowerLoss, ARenameOfUnsyncedBytesShowsAnEmptyFile) {
  FaultyFileSystem fs(1);
  durable_file(fs, "/d/target");
  ASSERT_TRUE(open(fs, "/d/new")->write_at(0, as_bytes("new")));
  ASSERT_TRUE(fs.rename("/d/new", "/d/target"));
  ASSERT_TRUE(fs.sync_dir("/d"));
  fs.crash(Loss::drop_all_unsynced);
  EXPECT_EQ(text_of(fs, "/d/target"), kSyncWorks ? "" : "base");
}

TEST(PowerLoss, ARenameAcrossDirectoriesNeverDoublesTheFile) {
  FaultyFileSystem fs(1);
  ASSERT_TRUE(fs.make_dir("/a"));
  ASSERT_TRUE(fs.make_dir("/b"));
  ASSERT_TRUE(open(fs, "/a/x")->sync());
  ASSERT_TRUE(fs.rename("/a/x", "/b/y"));
  ASSERT_TRUE(fs.sync_dir("/b"));
  fs.crash(Loss::keep_all);
  EXPECT_FALSE(fs.exists("/a/x").value());
  EXPECT_TRUE(fs.exists("/b/y").value());
}

TEST(PowerLoss, ARemovedNameComesBackUnlessSynced) {
  FaultyFileSystem fs(1);
  durable_file(fs, "/d/a");
  durable_file(fs, "/d/b");
  ASSERT_TRUE(fs.remove("/d/a"));
  if (kSyncWorks) {
    ASSERT_TRUE(fs.sync_dir("/d"));
  }
  ASSERT_TRUE(fs.remove("/d/b"));
  fs.crash(Loss::drop_all_unsynced);
  EXPECT_EQ(text_of(fs, "/d/a"), kSyncWorks ? "(absent)" : "base");
  EXPECT_EQ(text_of(fs, "/d/b"), "base");
}

TEST(PowerLoss, WriteFileAtomicSurvivesEveryLossAndEveryFault) {
  for (const Loss loss :
       {Loss::drop_all_unsynced, Loss::random_subset, Loss::torn, Loss::keep_all}) {
    for (const Fault fault :
         {Fault::io_error, Fault::no_space, Fault::torn_write, Fault::short_life}) {
      // From a full run (no fault) down to a fault in the very first call.
      for (std::uint64_t n = 0; n < 9; ++n) {
        FaultyFileSystem fs(n);
        durable_file(fs, "/d/a");
        fs.fail_call(n, fault, true);
        const Status status = write_file_atomic(fs, "/d/a", as_bytes("replacement"));
        fs.crash(loss);
        const std::string text = text_of(fs, "/d/a");
        if (status && kSyncWorks) {
          EXPECT_EQ(text, "replacement");
        } else if (kSyncWorks) {
          EXPECT_TRUE(text == "base" || text == "replacement") << text;
        }
        EXPECT_EQ(status.has_value(), n == 0 || n > 6) << n;
      }
    }
  }
}

// Whatever is lost, each 512-byte sector of the file is as some prefix of the writes left it, or
// zero.
TEST(PowerLoss, RandomSubsetShowsOnlySectorsThatWereWritten) {
  int torn = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    FaultyFileSystem fs(seed);
    SeededRandom random(seed + 1'000);
    fs.put("/d/a", Bytes(1'024, 'A'));
    auto file = open(fs, "/d/a");
    const std::uint64_t offset = 512 * random.below(4);
    ASSERT_TRUE(file->write_at(offset, Bytes(2'048, 'B')));
    fs.crash(Loss::random_subset);
    const Bytes content = fs.get("/d/a").value();
    ASSERT_EQ(content.size() % 512, 0U);
    ASSERT_GE(content.size(), 1'024U);
    std::string sectors;
    for (std::size_t at = 0; at < content.size(); at += 512) {
      const std::uint8_t first = content[at];
      EXPECT_TRUE(std::all_of(content.begin() + static_cast<std::ptrdiff_t>(at),
                              content.begin() + static_cast<std::ptrdiff_t>(at + 512),
                              [&](std::uint8_t byte) { return byte == first; }));
      EXPECT_TRUE(first == 'A' || first == 'B' || first == 0);
      sectors.push_back(first == 0 ? '0' : static_cast<char>(first));
    }
    const bool some = sectors.find('B') != std::string::npos;
    if (some && sectors.substr(offset / 512) != "BBBB") ++torn;
  }
  EXPECT_GT(torn, 10);
}

TEST(PowerLoss, TornCutsOnlyTheLastWrite) {
  bool partial = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyFileSystem fs(seed);
    auto file = durable_file(fs, "/d/a");
    ASSERT_TRUE(file->write_at(0, Bytes(512, '1')));
    ASSERT_TRUE(file->write_at(512, Bytes(1'536, '2')));
    fs.crash(Loss::torn);
    const std::string text = text_of(fs, "/d/a");
    EXPECT_EQ(text.substr(0, 512), std::string(512, '1'));
    const auto twos = static_cast<std::size_t>(std::count(text.begin(), text.end(), '2'));
    EXPECT_EQ(twos % 512, 0U);
    EXPECT_LT(twos, 1'536U);
    partial = partial || twos > 0;
  }
  EXPECT_TRUE(partial);
}

TEST(PowerLoss, KeepAllKeepsAll) {
  FaultyFileSystem fs(1);
  ASSERT_TRUE(fs.make_dir("/d"));
  ASSERT_TRUE(open(fs, "/d/a")->write_at(3, as_bytes("x")));
  fs.crash(Loss::keep_all);
  EXPECT_EQ(text_of(fs, "/d/a"), std::string("\0\0\0x", 4));
}

TEST(PowerLoss, TheSameSeedGivesTheSameDisk) {
  const auto run = [](std::uint64_t seed) {
    FaultyFileSystem fs(seed);
    auto file = durable_file(fs, "/d/a");
    for (std::uint64_t i = 0; i < 20; ++i) {
      EXPECT_TRUE(file->write_at(700 * i, Bytes(900, static_cast<std::uint8_t>(i))));
    }
    fs.crash(Loss::random_subset);
    return text_of(fs, "/d/a");
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(EndOfProcess, FilesGoDeadAndLocksAreFree) {
  for (const bool power_loss : {false, true}) {
    FaultyFileSystem fs(1);
    auto file = durable_file(fs, "/d/a");
    auto lock = fs.lock("/d/lock");
    ASSERT_TRUE(lock);
    ASSERT_TRUE(file->write_at(0, as_bytes("B")));
    if (power_loss) {
      fs.crash(Loss::drop_all_unsynced);
    } else {
      fs.kill_process();
    }
    EXPECT_EQ(text_of(fs, "/d/a"), power_loss ? "base" : "Base");
    Bytes out(1);
    EXPECT_EQ(file->read_at(0, out).error().code, Errc::io);
    EXPECT_EQ(file->write_at(0, as_bytes("X")).error().code, Errc::io);
    EXPECT_EQ(file->truncate(0).error().code, Errc::io);
    EXPECT_EQ(file->sync().error().code, Errc::io);
    EXPECT_EQ(file->size().error().code, Errc::io);
    EXPECT_EQ(text_of(fs, "/d/a"), power_loss ? "base" : "Base");
    auto next = fs.lock("/d/lock");
    ASSERT_TRUE(next);
    lock->reset();  // The old handle must not release the new owner's lock.
    EXPECT_EQ(fs.lock("/d/lock").error().code, Errc::unavailable);
  }
}

TEST(Faults, TheNthCallFailsOnceOrFromThereOn) {
  for (const bool sticky : {false, true}) {
    FaultyFileSystem fs(1);
    auto file = durable_file(fs, "/d/a");
    fs.fail_call(3, Fault::io_error, sticky);
    EXPECT_TRUE(file->size());
    EXPECT_TRUE(file->write_at(0, as_bytes("X")));
    EXPECT_EQ(file->write_at(0, as_bytes("Y")).error().code, Errc::io);
    EXPECT_EQ(text_of(fs, "/d/a"), "Xase");
    EXPECT_EQ(file->write_at(0, as_bytes("Z")).has_value(), !sticky);
    fs.clear_faults();
    EXPECT_TRUE(file->write_at(0, as_bytes("Z")));
  }
}

TEST(Faults, EveryCallCanFail) {
  FaultyFileSystem fs(1);
  auto file = durable_file(fs, "/d/a");
  fs.fail_call(1, Fault::io_error, true);
  Bytes out(1);
  EXPECT_FALSE(file->read_at(0, out));
  EXPECT_FALSE(file->write_at(0, as_bytes("x")));
  EXPECT_FALSE(file->sync());
  EXPECT_FALSE(file->truncate(0));
  EXPECT_FALSE(file->size());
  EXPECT_FALSE(fs.open("/d/a", OpenMode::read));
  EXPECT_FALSE(fs.list("/d"));
  EXPECT_FALSE(fs.exists("/d"));
  EXPECT_FALSE(fs.make_dir("/e"));
  EXPECT_FALSE(fs.rename("/d/a", "/d/b"));
  EXPECT_FALSE(fs.remove("/d/a"));
  EXPECT_FALSE(fs.sync_dir("/d"));
  EXPECT_FALSE(fs.lock("/d/l"));
  EXPECT_EQ(text_of(fs, "/d/a"), "base");
  EXPECT_EQ(fs.all_files(), std::vector<FileSystem::Path>{"/d/a"});
}

TEST(Faults, AFullDiskStopsWritingNotReading) {
  FaultyFileSystem fs(1);
  auto file = durable_file(fs, "/d/a");
  fs.fail_call(1, Fault::no_space, false);
  EXPECT_EQ(file->write_at(0, as_bytes("x")).error().code, Errc::exhausted);
  fs.fail_call(1, Fault::no_space, false);
  EXPECT_EQ(fs.open("/d/new", OpenMode::create).error().code, Errc::exhausted);
  fs.fail_call(1, Fault::no_space, false);
  EXPECT_EQ(file->size().error().code, Errc::io);
}

TEST(Faults, ATornWriteLeavesAPrefix) {
  std::set<std::size_t> lengths;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyFileSystem fs(seed);
    ASSERT_TRUE(fs.make_dir("/d"));
    auto file = open(fs, "/d/a");
    fs.fail_call(1, Fault::torn_write, false);
    EXPECT_EQ(file->write_at(0, as_bytes("0123456789")).error().code, Errc::io);
    const std::string text = text_of(fs, "/d/a");
    EXPECT_TRUE(std::string("0123456789").starts_with(text));
    lengths.insert(text.size());
  }
  EXPECT_GT(lengths.size(), 5U);
}

TEST(Faults, AFailedSyncLosesTheBytesForGoodThoughTheNextOneSucceeds) {
  FaultyFileSystem fs(1);
  auto file = durable_file(fs, "/d/a");
  fs.fail_sync(2);
  EXPECT_TRUE(file->sync());
  ASSERT_TRUE(file->write_at(0, as_bytes("X")));
  EXPECT_EQ(file->sync().error().code, Errc::io);
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(text_of(fs, "/d/a"), "Xase");
  fs.crash(Loss::keep_all);
  EXPECT_EQ(text_of(fs, "/d/a"), "base");
}

TEST(Faults, AShortLifeEndsInTheCallWithOrWithoutItsEffect) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    FaultyFileSystem fs(seed);
    durable_file(fs, "/d/a");
    fs.fail_call(1, Fault::short_life, false);
    EXPECT_EQ(fs.rename("/d/a", "/d/b").error().code, Errc::io);
    EXPECT_EQ(fs.exists("/d/a").error().code, Errc::io);
    fs.kill_process();
    outcomes.insert(fs.exists("/d/b").value() ? "renamed" : "not");
  }
  EXPECT_EQ(outcomes.size(), 2U);
}

TEST(Calls, AreCountedAndNamed) {
  FaultyFileSystem fs(1);
  auto file = durable_file(fs, "/d/a");
  fs.reset_calls();
  ASSERT_TRUE(file->write_at(0, as_bytes("x")));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(fs.sync_dir("/d"));
  EXPECT_EQ(fs.calls(), 3U);
  EXPECT_EQ(fs.call_names(),
            (std::vector<std::string>{"write_at /d/a", "sync /d/a", "sync_dir /d"}));
}

}  // namespace
}  // namespace daybook::testing
