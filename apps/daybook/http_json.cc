// SPDX-License-Identifier: Apache-2.0
#include "http_json.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "daybook/net/client.h"
#include "daybook/net/runtime.h"
#include "daybook/record/json.h"

namespace daybook::app {
namespace {

constexpr std::uint64_t kAnswerBytesMax = 256ULL << 20U;
constexpr std::chrono::seconds kTimeout{60};

net::Task<void> fetch(net::Client& client, net::RequestHead head, std::string body,
                      std::optional<Result<net::Response>>& out) {
  out.emplace(co_await client.fetch(std::move(head), std::move(body), kAnswerBytesMax, kTimeout));
}

}  // namespace

Result<net::Response> HttpJson::call(const std::string& method, const std::string& target,
                                     const std::string& body) const {
  DAYBOOK_ASSIGN_OR_RETURN(auto base, net::BaseUrl::parse(base_));
  net::RequestHead head;
  head.method = method;
  head.target = target;
  head.headers.add("Host", base.authority());
  head.headers.add("Accept", "application/json");
  if (!token_.empty()) head.headers.add("Authorization", "Bearer " + token_);
  if (!body.empty()) {
    head.headers.add("Content-Type", "application/json");
    head.content_length = body.size();
  }
  auto runtime = net::Runtime::start(1);
  const auto client = net::Client::make(std::move(base));
  std::optional<Result<net::Response>> answer;
  runtime->run(fetch(*client, std::move(head), body, answer));
  return *std::move(answer);
}

Result<net::Response> HttpJson::get(const std::string& target) const {
  return call("GET", target, {});
}

Result<net::Response> HttpJson::post(const std::string& target, const std::string& json) const {
  return call("POST", target, json);
}

Error error_of(const net::Response& response) {
  Error error{.code = Errc::unavailable,
              .context = fmt::format("the server answered {}", response.head.status)};
  if (response.head.status == 404) error.code = Errc::not_found;
  if (response.head.status == 409) error.code = Errc::exists;
  if (response.head.status == 401 || response.head.status == 403) error.code = Errc::denied;
  if (response.head.status == 422 || response.head.status == 400) error.code = Errc::invalid;
  if (auto json = record::parse_json(response.body);
      json && json->is_object() && json->contains("message")) {
    const auto& message = json->at("message");
    if (message.is_string()) error.context += ": " + message.get<std::string>();
  }
  return error;
}

}  // namespace daybook::app
