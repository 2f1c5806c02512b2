// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace daybook {

// The one shape of every error daybook answers over HTTP, that of Kestra (Micronaut's JsonError):
//   {"message","_links":{"self":{"href","templated"}},"_embedded":{"errors":[{"message","path"}]}}
struct ErrorText {
  std::string_view message;
  std::string_view path =
      {};  // JSON Pointer into the body, or a query parameter; empty: the whole.
  // The request's path without its query, which may hold a credential. A request whose head could
  // not be read has none; Kestra says the same then.
  std::string_view self = "/bad-request";
  std::string_view more = {};  // Further members, as `"count":1,"line":2`.
};

// Bytes that are not UTF-8 are shown as `?`.
[[nodiscard]] std::string error_json(const ErrorText& error);

}  // namespace daybook
