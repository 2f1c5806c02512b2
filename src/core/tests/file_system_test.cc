// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/file_system.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "daybook/core_testing/faulty_file_system.h"
#include "daybook/core_testing/manual_clock.h"

namespace daybook {
namespace {

using testing::FaultyFileSystem;
using testing::SeededRandom;

// The same promises for the real file system and the one the fault tests use.
class FileSystemTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      std::string pattern = ::testing::TempDir() + "/daybook_fs_XXXXXX";
      ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
      dir_ = pattern;
    } else {
      dir_ = "/test";
      ASSERT_TRUE(faulty_.make_dir(dir_));
    }
  }
  void TearDown() override {
    if (GetParam()) std::filesystem::remove_all(dir_);
  }

  FileSystem& fs() {
    if (GetParam()) return posix_file_system();
    return faulty_;
  }

  std::unique_ptr<File> open(const std::string& name, OpenMode mode) {
    auto file = fs().open(dir_ / name, mode);
    EXPECT_TRUE(file.has_value()) << name;
    return *std::move(file);
  }

  std::string content(const std::string& name) {
    const auto bytes = read_file(fs(), dir_ / name, 1U << 20U);
    EXPECT_TRUE(bytes.has_value()) << name;
    return bytes ? std::string(as_text(*bytes)) : std::string();
  }

  FaultyFileSystem faulty_{1};
  std::filesystem::path dir_;
};

TEST_P(FileSystemTest, WritesAndReadsAtOffsets) {
  auto file = open("a", OpenMode::create);
  ASSERT_TRUE(file->write_at(0, as_bytes("hello")));
  ASSERT_TRUE(file->write_at(8, as_bytes("far")));
  ASSERT_TRUE(file->write_at(1, as_bytes("E")));
  ASSERT_TRUE(file->write_at(100, {}));
  EXPECT_EQ(file->size().value(), 11U);
  EXPECT_EQ(content("a"), std::string("hEllo\0\0\0far", 11));
  Bytes out(4);
  EXPECT_EQ(file->read_at(9, out).value(), 2U);
  EXPECT_EQ(file->read_at(11, out).value(), 0U);
  EXPECT_EQ(file->read_at(1'000, out).value(), 0U);
  EXPECT_EQ(file->read_at(0, std::span(out).first(0)).value(), 0U);
  EXPECT_TRUE(file->sync());
}

TEST_P(FileSystemTest, TruncatesAndGrowsWithZeros) {
  auto file = open("a", OpenMode::create);
  ASSERT_TRUE(file->write_at(0, as_bytes("hello")));
  ASSERT_TRUE(file->truncate(2));
  EXPECT_EQ(content("a"), "he");
  ASSERT_TRUE(file->truncate(4));
  EXPECT_EQ(content("a"), std::string("he\0\0", 4));
}

TEST_P(FileSystemTest, OpenModes) {
  EXPECT_EQ(fs().open(dir_ / "a", OpenMode::read).error().code, Errc::not_found);
  EXPECT_EQ(fs().open(dir_ / "a", OpenMode::write).error().code, Errc::not_found);
  EXPECT_EQ(fs().open(dir_ / "no" / "a", OpenMode::create).error().code, Errc::not_found);
  ASSERT_TRUE(open("a", OpenMode::create_new)->write_at(0, as_bytes("x")));
  EXPECT_EQ(fs().open(dir_ / "a", OpenMode::create_new).error().code, Errc::exists);
  EXPECT_EQ(open("a", OpenMode::create)->size().value(), 1U);
  EXPECT_EQ(open("a", OpenMode::write)->size().value(), 1U);
  EXPECT_EQ(open("a", OpenMode::read)->write_at(0, as_bytes("y")).error().code, Errc::io);
  EXPECT_EQ(content("a"), "x");
}

TEST_P(FileSystemTest, ListsNamesSorted) {
  EXPECT_EQ(fs().list(dir_).value(), std::vector<std::string>{});
  for (const char* name : {"b", "a", "c"}) open(name, OpenMode::create);
  ASSERT_TRUE(fs().make_dir(dir_ / "aa" / "deep"));
  EXPECT_EQ(fs().list(dir_).value(), (std::vector<std::string>{"a", "aa", "b", "c"}));
  EXPECT_EQ(fs().list(dir_ / "aa").value(), std::vector<std::string>{"deep"});
  EXPECT_EQ(fs().list(dir_ / "no").error().code, Errc::not_found);
}

TEST_P(FileSystemTest, MakesDirectoriesWithParents) {
  ASSERT_TRUE(fs().make_dir(dir_ / "x" / "y" / "z"));
  ASSERT_TRUE(fs().make_dir(dir_ / "x" / "y" / "z"));
  EXPECT_TRUE(fs().exists(dir_ / "x" / "y").value());
  open("file", OpenMode::create);
  EXPECT_EQ(fs().make_dir(dir_ / "file").error().code, Errc::exists);
  EXPECT_TRUE(fs().sync_dir(dir_ / "x"));
  EXPECT_EQ(fs().sync_dir(dir_ / "no").error().code, Errc::not_found);
}

TEST_P(FileSystemTest, RenamesAndRemoves) {
  ASSERT_TRUE(open("a", OpenMode::create)->write_at(0, as_bytes("A")));
  ASSERT_TRUE(open("b", OpenMode::create)->write_at(0, as_bytes("B")));
  auto old_b = open("b", OpenMode::read);
  ASSERT_TRUE(fs().rename(dir_ / "a", dir_ / "b"));
  EXPECT_FALSE(fs().exists(dir_ / "a").value());
  EXPECT_EQ(content("b"), "A");
  Bytes out(1);
  ASSERT_EQ(old_b->read_at(0, out).value(), 1U);
  EXPECT_EQ(out[0], 'B');  // An open file outlives its name.
  EXPECT_EQ(fs().rename(dir_ / "no", dir_ / "c").error().code, Errc::not_found);
  ASSERT_TRUE(fs().remove(dir_ / "b"));
  EXPECT_EQ(fs().remove(dir_ / "b").error().code, Errc::not_found);
  EXPECT_EQ(fs().list(dir_).value(), std::vector<std::string>{});
}

TEST_P(FileSystemTest, LocksExcludeEachOther) {
  auto lock = fs().lock(dir_ / "lock");
  ASSERT_TRUE(lock);
  EXPECT_EQ(fs().lock(dir_ / "lock").error().code, Errc::unavailable);
  EXPECT_TRUE(fs().lock(dir_ / "other"));
  lock->reset();
  EXPECT_TRUE(fs().lock(dir_ / "lock"));
}

TEST_P(FileSystemTest, ReadFileKnowsItsLimit) {
  ASSERT_TRUE(open("a", OpenMode::create)->write_at(0, as_bytes("12345")));
  EXPECT_EQ(as_text(read_file(fs(), dir_ / "a", 5).value()), "12345");
  EXPECT_EQ(read_file(fs(), dir_ / "a", 4).error().code, Errc::exhausted);
  EXPECT_EQ(read_file(fs(), dir_ / "no", 4).error().code, Errc::not_found);
}

TEST_P(FileSystemTest, WriteFileAtomicReplacesAndLeavesNothingBehind) {
  ASSERT_TRUE(write_file_atomic(fs(), dir_ / "a", as_bytes("long content")));
  ASSERT_TRUE(
      open("a.tmp", OpenMode::create)->write_at(0, as_bytes("left over by a crash, longer")));
  ASSERT_TRUE(write_file_atomic(fs(), dir_ / "a", as_bytes("short")));
  EXPECT_EQ(content("a"), "short");
  EXPECT_EQ(fs().list(dir_).value(), std::vector<std::string>{"a"});
}

INSTANTIATE_TEST_SUITE_P(Faulty, FileSystemTest, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Posix, FileSystemTest, ::testing::Values(true));

// Random calls on both: every answer and every byte must be the same.
TEST(FileSystemModel, FaultyBehavesAsPosixWhenNothingFails) {
  std::string pattern = ::testing::TempDir() + "/daybook_fs_XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path root = pattern;
  FaultyFileSystem faulty(1);
  ASSERT_TRUE(faulty.make_dir(root));
  FileSystem* both[] = {&posix_file_system(), &faulty};
  SeededRandom random(7);
  const auto name = [&] { return root / std::string(1, static_cast<char>('a' + random.below(4))); };
  for (int step = 0; step < 1'500; ++step) {
    const auto path = name();
    const auto other = name();
    const auto action = random.below(5);
    const auto mode = static_cast<OpenMode>(random.below(4));
    const std::uint64_t offset = random.below(600);
    const Bytes bytes(random.below(300), static_cast<std::uint8_t>(step));
    std::string seen[2];
    for (int k = 0; k < 2; ++k) {
      FileSystem& fs = *both[k];
      const auto note = [&](const auto& result) {
        seen[k] += result ? "ok " : std::string(to_string(result.error().code)) + " ";
      };
      if (action == 0) {
        note(fs.rename(path, other));
      } else if (action == 1) {
        note(fs.remove(path));
      } else {
        auto file = fs.open(path, mode);
        note(file);
        if (!file) continue;
        note(action == 2 ? (*file)->truncate(offset) : (*file)->write_at(offset, bytes));
        seen[k] += std::to_string((*file)->size().value());
      }
      const std::vector<std::string> entries = fs.list(root).value();
      for (const auto& entry : entries) {
        seen[k] += " " + entry + "=" + to_hex(read_file(fs, root / entry, 4096).value());
      }
    }
    ASSERT_EQ(seen[0], seen[1]) << "step " << step;
  }
  std::filesystem::remove_all(root);
}

class PosixTest : public FileSystemTest {};
INSTANTIATE_TEST_SUITE_P(Posix, PosixTest, ::testing::Values(true));

TEST_P(PosixTest, WhatItMakesIsForTheOwnerOnly) {
  ASSERT_TRUE(fs().make_dir(dir_ / "d"));
  open("f", OpenMode::create);
  ASSERT_TRUE(fs().lock(dir_ / "l"));
  const std::map<std::string, mode_t> expected = {{"d", 0700}, {"f", 0600}, {"l", 0600}};
  for (const auto& [name, mode] : expected) {
    struct stat status {};
    ASSERT_EQ(::stat((dir_ / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, mode) << name;
  }
}

TEST_P(PosixTest, AFullDiskIsExhausted) {
  auto full = fs().open("/dev/full", OpenMode::write);
  ASSERT_TRUE(full);
  EXPECT_EQ((*full)->write_at(0, as_bytes("x")).error().code, Errc::exhausted);
}

TEST_P(PosixTest, OffsetsBeyondTheSystemsAreRefused) {
  auto file = open("a", OpenMode::create);
  Bytes out(1);
  EXPECT_EQ(file->write_at(UINT64_MAX, as_bytes("x")).error().code, Errc::invalid);
  EXPECT_EQ(file->read_at(UINT64_MAX, out).error().code, Errc::invalid);
  EXPECT_EQ(file->truncate(UINT64_MAX).error().code, Errc::invalid);
}

TEST_P(PosixTest, TheKernelReleasesTheLockOfADeadProcess) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = posix_file_system().lock(dir_ / "lock");
    const char byte = lock ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_EQ(fs().lock(dir_ / "lock").error().code, Errc::unavailable);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(fs().lock(dir_ / "lock"));
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace daybook
