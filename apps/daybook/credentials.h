// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/core/result.h"

namespace daybook::app {

// A variable of the environment; empty if it is not set.
[[nodiscard]] std::string environment(const char* name);

// A line from standard input up to the first line feed or the end; asks for it, without showing it,
// if a person sits there.
[[nodiscard]] std::string read_password();

// What a terminal command was told about who it acts as. A credential on the command line can be
// seen by everybody on the machine: the environment and standard input are meant for it.
struct Credentials {
  std::string token;
  std::string login;
  bool password_stdin = false;
};

// The value of an Authorization header, empty for none. In this order: the token given, the login
// given with its password (standard input, DAYBOOK_PASSWORD, or asked for), DAYBOOK_TOKEN,
// DAYBOOK_USERNAME with DAYBOOK_PASSWORD. Errc::invalid if a password is missing.
Result<std::string> authorization_of(const Credentials& credentials);

}  // namespace daybook::app
