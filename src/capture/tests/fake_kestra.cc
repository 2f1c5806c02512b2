// SPDX-License-Identifier: Apache-2.0
#include "fake_kestra.h"

#include <utility>

#include <gtest/gtest.h>

namespace daybook::capture::testing {
namespace {

net::ResponseHead head_of(const Script& script) {
  net::ResponseHead head;
  head.status = script.status;
  head.reason = script.reason;
  for (const auto& [name, value] : script.fields) {
    head.headers.add(name, value);
  }
  head.chunked = script.chunked;
  const bool bodyless = script.status == 204 || script.status == 304;
  if (!script.chunked && !bodyless) {
    std::uint64_t size = 0;
    for (const std::string& piece : script.pieces) {
      size += piece.size();
    }
    head.content_length = size;
  }
  return head;
}

}  // namespace

Script answer(unsigned status, std::string body) {
  Script script;
  script.status = status;
  script.pieces.push_back(std::move(body));
  return script;
}

FakeKestra::FakeKestra() : runtime_(net::Runtime::start(2)) {
  auto server = net::Server::listen(runtime_->executor(), "127.0.0.1:0",
                                    [this](net::Exchange& exchange) { return serve(exchange); });
  if (!server) {
    ADD_FAILURE() << server.error().context;
    std::abort();
  }
  server_ = *std::move(server);
  address_ = server_->address();
}

FakeKestra::~FakeKestra() {
  stop();
}

void FakeKestra::stop() {
  if (runtime_) {
    runtime_->run(server_->drain(std::chrono::milliseconds(0)));
    server_.reset();
    runtime_.reset();
  }
}

void FakeKestra::on(const std::string& method_and_path, Script script) {
  const std::lock_guard lock(mutex_);
  scripts_[method_and_path] = std::move(script);
}

std::vector<SeenRequest> FakeKestra::seen() const {
  const std::lock_guard lock(mutex_);
  std::vector<SeenRequest> seen = seen_;
  std::erase_if(seen,
                [](const SeenRequest& r) { return r.head.headers.contains("X-Daybook-Own"); });
  return seen;
}

std::vector<SeenRequest> FakeKestra::own_requests() const {
  const std::lock_guard lock(mutex_);
  std::vector<SeenRequest> seen = seen_;
  std::erase_if(seen,
                [](const SeenRequest& r) { return !r.head.headers.contains("X-Daybook-Own"); });
  return seen;
}

Script FakeKestra::script_for(const net::RequestHead& head) const {
  const std::lock_guard lock(mutex_);
  const auto found = scripts_.find(head.method + " " + std::string(head.path()));
  if (found != scripts_.end()) {
    return found->second;
  }
  const auto any = scripts_.find("*");
  return any != scripts_.end() ? any->second : answer(404, R"({"message":"Not Found"})");
}

net::Task<void> FakeKestra::serve(net::Exchange& exchange) {
  const Script script = script_for(exchange.head());
  if (script.on_request) {
    script.on_request();
  }
  SeenRequest seen;
  seen.head = exchange.head();
  while (!script.unread) {
    const auto piece = co_await exchange.read_some();
    seen.body_whole = piece.has_value();
    if (!piece || piece->empty()) {
      break;
    }
    seen.body += *piece;
  }
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::move(seen));
  }
  co_await play(exchange, script);
}

net::Task<void> FakeKestra::play(net::Exchange& exchange, Script script) {
  if (script.on_gone) {
    exchange.watch_peer(script.on_gone);
  }
  if (script.think.count() > 0) {
    co_await net::sleep_for(script.think);
  }
  if (script.drop) {
    exchange.abort();
    co_return;
  }
  const Status started = co_await exchange.start(head_of(script));
  bool alive = started.has_value();
  for (std::size_t i = 0; i < script.pieces.size() && alive; ++i) {
    if (i > 0 && script.pause.count() > 0) {
      co_await net::sleep_for(script.pause);
    }
    std::string piece = script.pieces[i];
    if (script.break_off && i + 1 == script.pieces.size()) {
      piece.resize(piece.size() / 2);
    }
    const Status written = co_await exchange.write(piece);
    alive = written.has_value();
  }
  if (script.break_off) {
    exchange.abort();
    co_return;
  }
  if (alive) {
    [[maybe_unused]] const Status finished = co_await exchange.finish();
  }
}

}  // namespace daybook::capture::testing
