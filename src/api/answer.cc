// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <utility>

#include "daybook/core/error_json.h"

namespace daybook::api {
namespace {

using record::Json;

// Seconds after which a client should try again when the cause may pass by itself.
constexpr std::int64_t kRetrySoon = 1;

}  // namespace

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::invalid:
      return 422;
    case Errc::not_found:
      return 404;
    case Errc::exists:
      return 409;
    case Errc::denied:
      return 403;
    case Errc::unsupported:
      return 415;
    case Errc::corrupt:
      return 500;
    case Errc::io:
    case Errc::unavailable:
    case Errc::timeout:
    case Errc::exhausted:
    case Errc::cancelled:
      break;
  }
  return 503;
}

HttpError http_error(const Error& error) {
  HttpError out{status_of(error.code), error.context, error.path};
  if (out.status == 503) {
    out.retry_after_s = kRetrySoon;
  }
  if (out.status >= 500) {
    out.path.clear();  // A file of the server's, nothing the client sent.
  }
  return out;
}

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

net::Response text_response(unsigned status, std::string content_type, std::string body) {
  net::Response response;
  response.head.status = status;
  response.head.headers.add("Content-Type", std::move(content_type));
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

net::Response json_response(unsigned status, const Json& body) {
  return text_response(status, "application/json", dump(body));
}

net::Response error_response(const HttpError& error, std::string_view self, std::string_view more) {
  // An empty path is the JSON Pointer to the whole body.
  net::Response response = text_response(error.status, "application/json",
                                         error_json({error.message, error.path, self, more}));
  if (error.retry_after_s) {
    response.head.headers.add("Retry-After", std::to_string(*error.retry_after_s));
  }
  return response;
}

}  // namespace daybook::api
