// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/diagnostics.h"
#include "daybook/net/client.h"
#include "daybook/net/server.h"

#include "commands.h"
#include "instance.h"
#include "output.h"
#include "sockets.h"

namespace daybook::app {

int serve(Config config, const std::optional<std::filesystem::path>& config_file) {
  if (config_file) {
    // The command line wins over the file.
    const Config given = config;
    if (auto read = read_config_file(*config_file, config); !read)
      return report_cannot_run(read.error());
    if (given.listen != Config{}.listen) config.listen = given.listen;
    if (given.gateway) config.gateway = given.gateway;
    if (given.upstream) config.upstream = given.upstream;
    if (!given.known_checkpoint.empty()) config.known_checkpoint = given.known_checkpoint;
  }
  read_environment(config);
  if (config.gateway.has_value() != config.upstream.has_value()) {
    return report_cannot_run(
        {.code = Errc::invalid, .context = "--gateway H:P and --upstream URL go together"});
  }
  if (config.upstream) {
    if (auto base = net::BaseUrl::parse(*config.upstream); !base)
      return report_cannot_run(base.error());
  }
  // Before the directory is touched: a slip of the pen must not make one.
  for (std::string* endpoint : {&config.listen, config.gateway ? &*config.gateway : nullptr}) {
    if (endpoint == nullptr) continue;
    auto resolved = resolve_listener(*endpoint);
    if (!resolved) return report_cannot_run(resolved.error());
    *endpoint = *std::move(resolved);
    if (auto good = net::Server::check_endpoint(*endpoint); !good) {
      good.error().context += ": " + *endpoint;
      return report_cannot_run(good.error());
    }
  }
  hold_signals();
  auto instance = Instance::start(std::move(config));
  if (!instance) return report_cannot_run(instance.error());
  (*instance)->runtime().wait_for_signal();
  diagnose(Severity::info, "daybook", "stopping: requests in flight may end within 10 s");
  const auto stopped = (*instance)->stop();
  const auto& ledger = *(*instance)->store().ledger;
  if (!ledger.writable()) {
    static_cast<void>(report({.code = Errc::unavailable, .context = ledger.stopped_because()}));
    return exit_stopped;
  }
  if (!stopped) return report_cannot_run(stopped.error());
  return exit_good;
}

}  // namespace daybook::app
