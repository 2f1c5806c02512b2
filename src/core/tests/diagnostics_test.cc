// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/diagnostics.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daybook/core/check.h"

namespace daybook {
namespace {

class DiagnosticsTest : public ::testing::Test {
 protected:
  void TearDown() override { set_minimum_severity(Severity::info); }

  static std::string line_of(Severity severity, std::string_view text) {
    ::testing::internal::CaptureStderr();
    diagnose(severity, "core", text);
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(DiagnosticsTest, WritesOneLineWithTimeSeverityAndModule) {
  EXPECT_THAT(line_of(Severity::warn, "disk is slow"),
              ::testing::MatchesRegex("[0-9]{4}-[0-9-]+T[0-9:.]+Z warn core: disk is slow\n"));
}

TEST_F(DiagnosticsTest, EscapesWhatCouldForgeALineOrATerminal) {
  const std::string line = line_of(Severity::info, "a\nb\x1b[31m\x7f\xc2\x85 \xc3\xa9");
  EXPECT_THAT(line, ::testing::EndsWith(": a\\x0ab\\x1b[31m\\x7f\\xc2\\x85 \xc3\xa9\n"));
  EXPECT_THAT(line_of(Severity::info, "bad \xff utf8"), ::testing::EndsWith("bad \\xff utf8\n"));
}

TEST_F(DiagnosticsTest, CutsLongTexts) {
  EXPECT_LT(line_of(Severity::info, std::string(1'000'000, 'x')).size(), 5'000U);
}

TEST_F(DiagnosticsTest, HonoursTheMinimum) {
  EXPECT_EQ(line_of(Severity::debug, "x"), "");
  set_minimum_severity(Severity::error);
  EXPECT_EQ(line_of(Severity::warn, "x"), "");
  EXPECT_NE(line_of(Severity::error, "x"), "");
  set_minimum_severity(Severity::debug);
  EXPECT_NE(line_of(Severity::debug, "x"), "");
}

TEST_F(DiagnosticsTest, LinesOfThreadsDoNotMix) {
  ::testing::internal::CaptureStderr();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 50; ++i) {
        diagnose(Severity::info, "core", std::string(200, static_cast<char>('a' + t)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::istringstream lines(::testing::internal::GetCapturedStderr());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const std::string text = line.substr(line.rfind(' ') + 1);
    EXPECT_EQ(text, std::string(200, text[0]));
  }
  EXPECT_EQ(count, 200);
}

TEST(CheckDeathTest, StopsTheProcessAlsoInReleaseBuilds) {
  DAYBOOK_CHECK(1 + 1 == 2);
  EXPECT_DEATH(DAYBOOK_CHECK(1 + 1 == 3), "check failed");
}

}  // namespace
}  // namespace daybook
