// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/net/http.h"

namespace daybook::app {

// A small blocking HTTP client for commands: one base URL (`http://…` or `unix:PATH`), a bearer
// token or none.
class HttpJson {
 public:
  HttpJson(std::string base, std::string token)
      : base_(std::move(base)), token_(std::move(token)) {}

  // Errc::unavailable if nobody answers; any HTTP status is a value.
  Result<net::Response> get(const std::string& target) const;
  Result<net::Response> post(const std::string& target, const std::string& json) const;

 private:
  Result<net::Response> call(const std::string& method, const std::string& target,
                             const std::string& body) const;

  std::string base_;
  std::string token_;
};

// The error that a refusing answer stands for, with the server's message.
[[nodiscard]] Error error_of(const net::Response& response);

}  // namespace daybook::app
