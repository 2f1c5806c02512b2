// SPDX-License-Identifier: Apache-2.0
#include "credentials.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "daybook/core/bytes.h"
#include "daybook/crypto/password.h"

namespace daybook::app {
namespace {

constexpr std::size_t kPasswordBytesMax = 1024;

// Turns the terminal's echo off as long as it lives.
class Silence {
 public:
  Silence() : terminal_(isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::fputs("password: ", stderr);
  }
  ~Silence() {
    if (!terminal_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  bool terminal_;
};

std::string basic(const std::string& user, std::string password) {
  std::string pair = user + ":" + password;
  std::string out = "Basic " + to_base64(as_bytes(pair));
  crypto::wipe(pair);
  crypto::wipe(password);
  return out;
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string read_password() {
  const Silence silence;
  std::string password;
  char c = 0;
  while (password.size() <= kPasswordBytesMax && std::cin.get(c) && c != '\n')
    password.push_back(c);
  return password;
}

Result<std::string> authorization_of(const Credentials& credentials) {
  if (!credentials.token.empty()) return "Bearer " + credentials.token;
  const std::string login = credentials.login.empty() && environment("DAYBOOK_TOKEN").empty()
                                ? environment("DAYBOOK_USERNAME")
                                : credentials.login;
  if (!login.empty()) {
    std::string password =
        credentials.password_stdin ? std::string() : environment("DAYBOOK_PASSWORD");
    const bool ask = credentials.password_stdin || isatty(STDIN_FILENO) != 0;
    if (password.empty() && ask) password = read_password();
    if (password.empty()) {
      return Error{.code = Errc::invalid,
                   .context = "no password: set DAYBOOK_PASSWORD or give --password-stdin",
                   .path = "--login"};
    }
    return basic(login, std::move(password));
  }
  const std::string token = environment("DAYBOOK_TOKEN");
  return token.empty() ? std::string() : "Bearer " + token;
}

}  // namespace daybook::app
