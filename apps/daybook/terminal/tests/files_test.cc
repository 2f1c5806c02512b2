// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "input_file.h"
#include "output_file.h"

namespace daybook::terminal {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "daybook_files_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }

  [[nodiscard]] std::string content(const char* name) const {
    std::ifstream in(dir_ / name, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(dir_), fs::directory_iterator()));
  }
  Result<std::string> read(const char* name) {
    auto file = InputFile::open((dir_ / name).string(), stopping_);
    if (!file) return file.error();
    std::string out;
    while (true) {
      DAYBOOK_ASSIGN_OR_RETURN(const auto piece, (*file)->read());
      if (piece.empty()) return out;
      out += piece;
    }
  }
  void write_gzip(const char* name, const std::string& text) {
    gzFile file = gzopen((dir_ / name).c_str(), "wb");
    ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
              static_cast<int>(text.size()));
    gzclose(file);
  }

  fs::path dir_;
  std::atomic<bool> stopping_ = false;
};

TEST_F(Files, AnExportAppearsWholeOrNotAtAll) {
  std::ofstream(dir_ / "out.csv") << "old";
  {
    auto out = OutputFile::open(dir_ / "out.csv");
    ASSERT_TRUE(out);
    ASSERT_TRUE((*out)->write("half"));
    EXPECT_EQ(content("out.csv"), "old");
  }
  EXPECT_EQ(content("out.csv"), "old");
  EXPECT_EQ(count(), 1U);
  {
    auto out = OutputFile::open(dir_ / "out.csv");
    ASSERT_TRUE(out);
    ASSERT_TRUE((*out)->write("whole"));
    ASSERT_TRUE((*out)->commit());
  }
  EXPECT_EQ(content("out.csv"), "whole");
  EXPECT_EQ(count(), 1U);
}

TEST_F(Files, AnExportIntoAPipeGoesThroughIt) {
  const auto pipe = dir_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  auto out = OutputFile::open(pipe);
  ASSERT_TRUE(out);
  ASSERT_TRUE((*out)->write("whole"));
  ASSERT_TRUE((*out)->commit());
  std::array<char, 16> buffer{};
  EXPECT_EQ(::read(reader, buffer.data(), buffer.size()), 5);
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(count(), 1U);
}

TEST_F(Files, AnExportThroughALinkKeepsTheLink) {
  std::ofstream(dir_ / "real.csv") << "old";
  fs::create_symlink("real.csv", dir_ / "link.csv");
  auto out = OutputFile::open(dir_ / "link.csv");
  ASSERT_TRUE(out);
  ASSERT_TRUE((*out)->write("whole"));
  ASSERT_TRUE((*out)->commit());
  EXPECT_TRUE(fs::is_symlink(dir_ / "link.csv"));
  EXPECT_EQ(content("real.csv"), "whole");
}

TEST_F(Files, AnExportIntoAMissingDirectoryIsRefused) {
  EXPECT_FALSE(OutputFile::open(dir_ / "absent" / "out.csv"));
}

TEST_F(Files, ReadsPlainAndCompressedFiles) {
  const std::string text(300'000, 'x');
  std::ofstream(dir_ / "plain") << text;
  write_gzip("named.gz", text);
  write_gzip("unnamed", text);
  EXPECT_EQ(*read("plain"), text);
  EXPECT_EQ(*read("named.gz"), text);
  EXPECT_EQ(*read("unnamed"), text);
  std::ofstream(dir_ / "empty").flush();
  EXPECT_EQ(*read("empty"), "");
}

TEST_F(Files, TellsWhatCannotBeRead) {
  EXPECT_EQ(read("absent").error().code, Errc::not_found);
  EXPECT_EQ(read(".").error().code, Errc::io);
  std::ofstream(dir_ / "wrong.gz") << "not compressed";
  EXPECT_EQ(read("wrong.gz").error().code, Errc::invalid);
  write_gzip("short.gz", std::string(100'000, 'y'));
  fs::resize_file(dir_ / "short.gz", fs::file_size(dir_ / "short.gz") - 4);
  EXPECT_EQ(read("short.gz").error().code, Errc::invalid);
  stopping_ = true;
  EXPECT_EQ(read("short.gz").error().code, Errc::cancelled);
}

}  // namespace
}  // namespace daybook::terminal
