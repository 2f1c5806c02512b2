// SPDX-License-Identifier: Apache-2.0
#include "terminal_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "credentials.h"

namespace daybook::app {
namespace {

constexpr std::chrono::milliseconds kBetween{200};

}  // namespace

bool stdout_is_terminal() {
  return isatty(STDOUT_FILENO) != 0;
}

bool as_table(Output output) {
  return output == Output::table || (output == Output::automatic && stdout_is_terminal());
}

std::size_t output_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string columns = environment("COLUMNS");
  std::size_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  return width;
}

Status write_line(std::string_view line) {
  const bool written = std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
                       std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
  if (written) return {};
  return Error{.code = errno == EPIPE ? Errc::cancelled : Errc::io,
               .context = std::string("write: ") + std::strerror(errno),
               .path = "standard output"};
}

std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');  // g++ 12 warns of the same with a string, for no reason.
  }
  return out;
}

Progress::Progress() : visible_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (open_) std::fputc('\n', stderr);
}

void Progress::show(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (!visible_ || now - last_ < kBetween) return;
  last_ = now;
  print(text);
}

void Progress::end(const std::string& text) {
  if (!visible_) return;
  print(text);
  std::fputc('\n', stderr);
  open_ = false;
}

void Progress::print(const std::string& text) {
  std::fprintf(stderr, "\r%s\x1B[K", text.c_str());
  std::fflush(stderr);
  open_ = true;
}

}  // namespace daybook::app
