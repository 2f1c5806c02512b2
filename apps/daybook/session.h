// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"
#include "daybook/net/client.h"
#include "daybook/net/runtime.h"

#include "instance.h"

namespace daybook::app {

// Where a terminal command acts, and as whom.
struct Where {
  std::filesystem::path data;
  std::filesystem::path keys;  // Where the signing key lies, if not in `data`.
  std::string server;          // URL; with neither of the two, DAYBOOK_SERVER.
  std::string token;           // Else DAYBOOK_TOKEN.
  std::string login;           // User name; password from DAYBOOK_PASSWORD, the terminal or stdin.
  bool password_stdin = false;
  std::optional<std::string> tenant;  // Absent: all tenants.
  // Configuration of the server inside this process, where none holds `data`. May be empty.
  std::filesystem::path config;
};

class Session;

// An answer whose body arrives piece by piece. Ends before its Session.
class Stream {
 public:
  Stream(Session& session, std::unique_ptr<net::ClientExchange> exchange);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  net::Task<Result<net::ResponseHead>> start(std::string body, std::chrono::milliseconds timeout);
  // The next piece, valid until the next call; empty at the end. Errc::cancelled when the session
  // was told to stop.
  net::Task<Result<std::string_view>> read(std::chrono::milliseconds timeout);
  // The rest of the body; Errc::exhausted above the limit of whole answers.
  net::Task<Result<std::string>> read_rest(std::chrono::milliseconds timeout);
  // What an answer that refuses stands for; its body is read for the reason.
  net::Task<Error> refusal(net::ResponseHead head, std::chrono::milliseconds timeout);

 private:
  friend class Session;
  Session& session_;
  std::unique_ptr<net::ClientExchange> exchange_;
};

// One terminal command's connection to a daybook: a server by URL; the server that holds a data
// directory, through its control socket; or, where none holds it, the same server inside this
// process, without network. Threads: made, run and closed from one thread, before any other starts.
class Session {
 public:
  // Errc::invalid for bad use, Errc::unavailable if nobody answers.
  static Result<std::unique_ptr<Session>> open(const Where& where);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs `command` to its end. SIGINT or SIGTERM sets stopping() and ends every wait of it with
  // Errc::cancelled. Once a session.
  int run(const std::function<net::Task<int>(Session&)>& command);
  // Leaves the directory clean if it was opened here.
  Status close();

  [[nodiscard]] const std::atomic<bool>& stopping() const { return stopping_; }
  // `/api/v1[/{tenant}]/auditlogs/operation?query`; without an operation the ingest path.
  [[nodiscard]] std::string target(std::string_view operation, const std::string& query) const;
  [[nodiscard]] net::RequestHead head(const std::string& method, std::string target) const;

  net::Task<Result<std::unique_ptr<Stream>>> begin(net::RequestHead head);
  // A whole answer. A GET that is told to come back later (503 with Retry-After) does so for half a
  // minute.
  net::Task<Result<net::Response>> call(net::RequestHead head, std::string body);
  // Of a call that may take long, how long an answer is waited for.
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  // Errc::cancelled if the session was told to stop meanwhile.
  net::Task<Status> pause(std::chrono::milliseconds duration);

 private:
  friend class Stream;
  Session() = default;
  Status connect(const Where& where);
  Status wait_until_up();
  net::Task<void> cancel();
  net::Task<Result<net::Response>> call_once(net::RequestHead head, std::string body);

  std::unique_ptr<Instance> instance_;  // Set if the directory was opened here.
  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<net::Client> client_;
  std::string authorization_;
  std::optional<std::string> tenant_;
  std::chrono::milliseconds timeout_ = std::chrono::seconds(60);
  std::atomic<bool> stopping_ = false;
  net::ClientExchange* current_ = nullptr;  // Touched on the runtime's one thread only.
};

}  // namespace daybook::app
