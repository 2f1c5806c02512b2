// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daybook/core/result.h"
#include "daybook/net/task.h"

namespace daybook::demo {

// A stand-in for a Kestra server, in memory: a test double for demo and tests, never part of
// `serve`.
//
// Answers in the shapes of a recorded Kestra 0.21 (flows, executions, KV, triggers, namespace
// files, logs; SSE follow), with or without the tenant segment `main`, and maps the 2.x SDK's paths
// to the recorded verbs. Everything it keeps is bounded and gone when it ends. Threads: start and
// destruction from one thread; serves on the executor's.
class Standin {
 public:
  struct Options {
    std::optional<std::string> username;  // With both: Basic is demanded, as Kestra does.
    std::optional<std::string> password;
  };
  // `endpoint` is `host:port`, port 0 = any.
  static Result<std::unique_ptr<Standin>> start(net::Executor executor, std::string endpoint,
                                                Options options);
  virtual ~Standin() = default;
  [[nodiscard]] virtual std::string url() const = 0;  // `http://host:port`
};

}  // namespace daybook::demo
