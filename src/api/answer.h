// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daybook/core/result.h"
#include "daybook/net/http.h"
#include "daybook/record/json.h"

namespace daybook::api {

// A refusal on its way to the client.
struct HttpError {
  unsigned status = 422;
  std::string message;
  std::string path = {};  // JSON Pointer into the body, or a query parameter as sent.
  std::optional<std::int64_t> retry_after_s = std::nullopt;
};

template <class T>
using Answer = tl::expected<T, HttpError>;

// The one table from our error codes to HTTP. Codes that say nothing about the request become 503.
[[nodiscard]] unsigned status_of(Errc code);
[[nodiscard]] HttpError http_error(const Error& error);

// Kestra's shape (Micronaut's JsonError). `self` is the path of the request without its query,
// which may hold a credential somebody put into the wrong place.
// `more`: further members, as `"count":0,"line":1`.
[[nodiscard]] net::Response error_response(const HttpError& error, std::string_view self,
                                           std::string_view more = {});

[[nodiscard]] net::Response json_response(unsigned status, const record::Json& body);
[[nodiscard]] net::Response text_response(unsigned status, std::string content_type,
                                          std::string body);
// Every value in our answers is valid UTF-8; should one not be, it is replaced rather than thrown.
[[nodiscard]] std::string dump(const record::Json& value);

}  // namespace daybook::api
