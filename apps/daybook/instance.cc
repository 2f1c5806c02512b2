// SPDX-License-Identifier: Apache-2.0
#include "instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "daybook/api/api.h"
#include "daybook/capture/ingest.h"
#include "daybook/capture/key_rotations.h"
#include "daybook/capture/recorder.h"
#include "daybook/capture/rule_book.h"
#include "daybook/capture/spool.h"
#include "daybook/core/bytes.h"
#include "daybook/core/clock.h"
#include "daybook/core/diagnostics.h"
#include "daybook/core/random.h"
#include "daybook/erasure/retention_timer.h"
#include "daybook/net/client.h"
#include "daybook/net/lanes.h"
#include "daybook/net/server.h"
#include "daybook/search/engine.h"
#include "daybook/witness/policy.h"
#include "daybook/witness/witnesses.h"

#include "erasure_doors.h"
#include "known_checkpoint.h"
#include "output.h"
#include "scrubbing.h"

namespace daybook::app {
namespace {

constexpr std::chrono::seconds kDrainGrace{10};
constexpr std::chrono::seconds kWiringMax{5};
constexpr std::uint64_t kPolicyBytesMax = 1U << 20U;

// First start: somebody must be able to sign in.
Status make_first_admin(Store& store, const std::optional<std::string>& given) {
  if (!store.accounts->empty()) return {};
  const std::string password = given.value_or(random_base62(system_random(), 22));
  access::NewUser admin;
  admin.username = "admin";
  admin.password = password;
  admin.role = access::Role::admin;
  DAYBOOK_ASSIGN_OR_RETURN(auto made,
                           store.accounts->create_user(std::move(admin), access::local_root()));
  DAYBOOK_RETURN_IF_ERROR(append_event(store, std::move(made.event)));
  if (!given) print_line("admin password: " + password);
  return {};
}

Status rebuild_search(search::Engine& engine) {
  const auto started = system_clock().steady_ms();
  std::int64_t last_said = started;
  return engine.rebuild([&](std::uint64_t done, std::uint64_t total) {
    const auto now = system_clock().steady_ms();
    if (now - last_said < 2000) return;
    last_said = now;
    diagnose(Severity::info, "search", fmt::format("rebuilding: {} of {} entries", done, total));
  });
}

Status load_tls(const TlsFiles& files, std::shared_ptr<net::TlsServer>& out) {
  if (!files.wanted()) return {};
  DAYBOOK_ASSIGN_OR_RETURN(out, net::TlsServer::load(files.certificate, files.key));
  return {};
}

const char* scheme_of(const std::shared_ptr<net::TlsServer>& tls) {
  return tls ? "https" : "http";
}

class Wired final : public Instance {
 public:
  explicit Wired(Config config) : config_(std::move(config)) {}
  ~Wired() override { static_cast<void>(stop()); }

  Status open() {
    DAYBOOK_ASSIGN_OR_RETURN(store_, open_store(config_.data, config_.ledger));
    if (!config_.known_checkpoint.empty()) {
      const Status known =
          check_known_checkpoint(store_.ledger->reader(), config_.known_checkpoint);
      if (!known) {
        store_.ledger.reset();  // Not closed: nothing is signed.
        return known;
      }
    }
    DAYBOOK_RETURN_IF_ERROR(record_rotations());
    const auto& recovery = store_.ledger->recovery();
    if (!recovery.clean) {
      diagnose(Severity::warn, "ledger",
               fmt::format("the last stop was not clean; {} entries are whole, {} bytes of an "
                           "unfinished write were cut",
                           recovery.entries, recovery.torn_tail_bytes));
    }
    engine_ = search::Engine::make(store_.ledger->reader());
    DAYBOOK_RETURN_IF_ERROR(rebuild_search(*engine_));
    store_.ledger->set_observer(
        [engine = engine_.get()](const std::vector<ledger::StoredEntry>& group) {
          engine->add(group);
        });
    if (serving()) {
      DAYBOOK_RETURN_IF_ERROR(make_first_admin(store_, config_.first_admin_password));
    }
    DAYBOOK_ASSIGN_OR_RETURN(
        const std::uint64_t open,
        capture::close_open_attempts(*store_.ledger, system_clock(), system_random()));
    if (open > 0) {
      diagnose(Severity::warn, "capture",
               fmt::format("{} attempts without outcome were closed as UNKNOWN", open));
    }
    DAYBOOK_ASSIGN_OR_RETURN(redactor_, open_redactor(store_, *engine_, config_));
    return {};
  }

  Status listen() {
    std::optional<std::filesystem::path> rule_file;
    if (config_.rules) rule_file = *config_.rules;
    DAYBOOK_ASSIGN_OR_RETURN(rules_, capture::RuleBook::open(std::move(rule_file)));
    if (!config_.spool.folder.empty()) {
      DAYBOOK_ASSIGN_OR_RETURN(spool_, capture::Spool::open(posix_file_system(), config_.spool));
    }
    DAYBOOK_RETURN_IF_ERROR(load_tls(config_.tls, tls_));
    DAYBOOK_RETURN_IF_ERROR(load_tls(config_.gateway_tls, gateway_tls_));
    runtime_ = net::Runtime::start(std::max(2U, std::thread::hardware_concurrency()));
    recorder_ =
        std::make_unique<capture::Recorder>(*store_.ledger, system_clock(), system_random());
    recorder_->use_spool(spool_.get());
    authenticator_ = access::Authenticator::make(*store_.accounts, system_clock(), system_random(),
                                                 config_.access);
    ingest_ = std::make_unique<capture::Ingest>(*recorder_, *store_.metrics);
    if (!serving()) {
      make_api(false);
      return listen_control();
    }
    DAYBOOK_RETURN_IF_ERROR(start_witnesses());
    DAYBOOK_RETURN_IF_ERROR(listen_api());
    DAYBOOK_RETURN_IF_ERROR(listen_control());
    if (config_.gateway) DAYBOOK_RETURN_IF_ERROR(listen_gateway());
    recorder_->record_later(capture::start_events());
    scrubber_ = start_scrubber(config_, store_);
    if (config_.gateway) {
      record_later(rules_->in_force(system_clock()));
      net::spawn(runtime_->executor(), watch_rules());
    }
    runtime_->on_hangup([this] { reload(); });
    heartbeat_ = capture::Heartbeat::start(config_.heartbeat, *recorder_, runtime_->executor());
    if (!config_.erasure.policies.empty()) {
      retention_ =
          std::make_unique<erasure::RetentionTimer>(*redactor_, config_.erasure.retention_every);
    }
    return {};
  }

  Status stop() override {
    if (stopped_) return {};
    stopped_ = true;
    stopping_ = true;
    retention_.reset();
    if (runtime_) {
      if (heartbeat_) heartbeat_->stop();
      if (api_) api_->end_streams();
      runtime_->run(drain_all());
    }
    // Whatever holds sockets or timers goes before the runtime they live on.
    scrubber_.reset();
    heartbeat_.reset();
    servers_ = {};
    gateway_.reset();
    upstream_.reset();
    Status closed = {};
    if (store_.ledger) closed = store_.ledger->close();
    runtime_.reset();
    lanes_.reset();  // Last: the runtime may hold a socket that was being accepted for one.
    return closed;
  }

  net::Runtime& runtime() override { return *runtime_; }
  Store& store() override { return store_; }
  const std::string& api_address() const override { return api_address_; }
  const std::string& gateway_address() const override { return gateway_address_; }

 private:
  struct Servers {
    std::unique_ptr<net::Server> api;
    std::unique_ptr<net::Server> control;
    std::unique_ptr<net::Server> gateway;
  };

  [[nodiscard]] bool serving() const { return config_.purpose == Purpose::server; }

  // After a crash between a rotation of the signing key and its entry.
  Status record_rotations() {
    DAYBOOK_ASSIGN_OR_RETURN(
        const std::uint64_t missed,
        capture::record_missed_rotations(*store_.ledger, system_clock(), system_random()));
    if (missed > 0)
      diagnose(Severity::warn, "ledger", "a rotation of the signing key was recorded late");
    return {};
  }

  Status start_witnesses() {
    if (config_.witness.policy_file.empty()) return {};
    DAYBOOK_ASSIGN_OR_RETURN(
        const Bytes text,
        read_file(posix_file_system(), config_.witness.policy_file, kPolicyBytesMax));
    auto policy = witness::parse_policy(as_text(text));
    if (!policy) {
      return Error{policy.error().code, policy.error().context, config_.witness.policy_file};
    }
    witness::Options options;
    options.policy = *std::move(policy);
    options.dir = config_.data / "witness";
    options.interval = config_.witness.interval;
    options.recosign = config_.witness.recosign;
    options.timeout = config_.witness.timeout;
    DAYBOOK_ASSIGN_OR_RETURN(
        witnesses_,
        witness::Witnesses::start(
            runtime_->executor(), store_.ledger->reader(), posix_file_system(), std::move(options),
            system_clock(), system_random(), *store_.metrics,
            [recorder = recorder_.get()](witness::Alarm alarm) {
              std::vector<record::Event> events;
              events.push_back(capture::instance_event(
                  system_clock(), "WITNESS_ALARM",
                  {{"witness", std::move(alarm.witness)}, {"what", std::move(alarm.what)}}));
              recorder->record_later(std::move(events));
            }));
    return {};
  }

  void make_api(bool metrics_open) {
    api_ = api::Api::make({.ledger = *store_.ledger,
                           .search = *engine_,
                           .accounts = *store_.accounts,
                           .authenticator = *authenticator_,
                           .recorder = *recorder_,
                           .ingest = *ingest_,
                           .redactor = *redactor_,
                           .metrics = *store_.metrics,
                           .metrics_open = metrics_open,
                           .follow = config_.follow,
                           .witnesses = witnesses_.get()});
    api_ready_.store(api_.get());
  }

  Status listen_api() {
    DAYBOOK_ASSIGN_OR_RETURN(
        servers_.api,
        net::Server::listen(
            runtime_->executor(), config_.listen,
            [this](net::Exchange& exchange) { return serve_api(exchange); }, {}, tls_));
    api_address_ = servers_.api->address();
    make_api(servers_.api->bound_to_loopback());
    print_line(fmt::format("listening api {}://{}", scheme_of(tls_), api_address_));
    return {};
  }

  Status listen_control() {
    DAYBOOK_ASSIGN_OR_RETURN(
        servers_.control,
        net::Server::listen(runtime_->executor(),
                            "unix:" + (config_.data / "control.sock").string(),
                            [this](net::Exchange& exchange) { return serve_api(exchange); }));
    return {};
  }

  Status listen_gateway() {
    if (!config_.upstream) {
      return Error{
          .code = Errc::invalid, .context = "a gateway needs --upstream URL", .path = "--gateway"};
    }
    DAYBOOK_ASSIGN_OR_RETURN(auto base, net::BaseUrl::parse(*config_.upstream));
    net::ClientOptions client;
    if (base.scheme == "https") {
      DAYBOOK_ASSIGN_OR_RETURN(client.tls, net::TlsClient::make(config_.upstream_ca));
    }
    config_.gateway_options.upstream_tls = client.tls;
    lanes_ = net::Lanes::start(std::max(2U, std::thread::hardware_concurrency()));
    upstream_ = net::Client::make(std::move(base), client);
    gateway_ = capture::Gateway::make(config_.gateway_options, *recorder_, *authenticator_, *rules_,
                                      *upstream_, *store_.metrics);
    DAYBOOK_ASSIGN_OR_RETURN(
        servers_.gateway,
        net::listen_on(
            *lanes_, runtime_->executor(), *config_.gateway,
            [this](net::Exchange& exchange) { return serve_gateway(exchange); }, {}, gateway_tls_));
    gateway_address_ = servers_.gateway->address();
    print_line(fmt::format("listening gateway {}://{}", scheme_of(gateway_tls_), gateway_address_));
    return {};
  }

  // Certificates are read again; whatever is wrong with new ones, the old ones go on.
  void reload() {
    for (const auto& tls : {tls_, gateway_tls_}) {
      if (!tls) continue;
      if (auto read = tls->reload(); !read) {
        diagnose(Severity::error, "net",
                 fmt::format("certificate kept as it is: {}: {}", read.error().path,
                             read.error().context));
      }
    }
    reload_rules();
    diagnose(Severity::info, "daybook", "reloaded");
  }

  void record_later(record::Event event) {
    std::vector<record::Event> one;
    one.push_back(std::move(event));
    recorder_->record_later(std::move(one));
  }

  void reload_rules() {
    auto event = rules_->reload(system_clock());
    if (!event) return;
    const bool good = event->result == record::ResultWord::success;
    diagnose(
        good ? Severity::info : Severity::error, "capture",
        good ? "rules in force: version " + rules_->now()->version() : event->message.value_or(""));
    record_later(*std::move(event));
  }

  // A changed rule file is taken up by itself, as well as by SIGHUP.
  net::Task<void> watch_rules() {
    constexpr std::chrono::seconds kEvery{2};
    while (config_.rules && !stopping_) {
      co_await net::sleep_for(kEvery);
      if (!stopping_) reload_rules();
    }
  }

  // Between binding and wiring (microseconds) there is no API yet: who was that quick waits.
  net::Task<void> serve_api(net::Exchange& exchange) {
    const auto late = std::chrono::steady_clock::now() + kWiringMax;
    while (api_ready_.load() == nullptr && std::chrono::steady_clock::now() < late) {
      co_await net::sleep_for(std::chrono::milliseconds(1));
    }
    if (auto* api = api_ready_.load(); api != nullptr) co_await api->handle(exchange, "");
  }

  net::Task<void> serve_gateway(net::Exchange& exchange) {
    if (!capture::Gateway::claims(exchange.head().path())) {
      if (auto prefix = api::Api::claims(exchange.head().path())) {
        return api_->handle(exchange, *std::move(prefix));
      }
    }
    return gateway_->handle(exchange);
  }

  // One listener after the other, within one grace period for all.
  net::Task<void> drain_all() {
    const auto deadline = std::chrono::steady_clock::now() + kDrainGrace;
    for (auto* server : {servers_.gateway.get(), servers_.api.get(), servers_.control.get()}) {
      if (server == nullptr) continue;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      co_await server->drain(std::max(left, std::chrono::milliseconds(0)));
    }
    if (witnesses_) co_await witnesses_->stop();
    auto last = authenticator_->take_waiting();
    if (serving()) {
      for (auto& event : capture::stop_events()) last.push_back(std::move(event));
    }
    if (last.empty()) co_return;
    auto stopped = co_await recorder_->record(std::move(last));
    if (!stopped)
      diagnose(Severity::warn, "capture", "STOP was not recorded: " + stopped.error().context);
  }

  Config config_;
  Store store_;
  std::unique_ptr<search::Engine> engine_;
  std::unique_ptr<net::Lanes> lanes_;  // Of the gateway.
  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<capture::RuleBook> rules_;
  std::unique_ptr<capture::Spool> spool_;
  std::unique_ptr<capture::Recorder> recorder_;
  std::unique_ptr<access::Authenticator> authenticator_;
  std::unique_ptr<capture::Ingest> ingest_;
  std::unique_ptr<erasure::Redactor> redactor_;
  std::unique_ptr<witness::Witnesses> witnesses_;
  std::unique_ptr<api::Api> api_;
  std::atomic<api::Api*> api_ready_{nullptr};
  std::unique_ptr<net::Client> upstream_;
  std::unique_ptr<capture::Gateway> gateway_;
  std::unique_ptr<capture::Heartbeat> heartbeat_;
  std::unique_ptr<erasure::RetentionTimer> retention_;
  std::unique_ptr<ledger::Scrubber> scrubber_;
  std::shared_ptr<net::TlsServer> tls_;
  std::shared_ptr<net::TlsServer> gateway_tls_;
  Servers servers_;
  std::string api_address_;
  std::string gateway_address_;
  bool stopped_ = false;
  std::atomic<bool> stopping_{false};
};

}  // namespace

void hold_signals() {
  sigset_t held;
  sigemptyset(&held);
  sigaddset(&held, SIGTERM);
  sigaddset(&held, SIGINT);
  sigaddset(&held, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

Result<std::unique_ptr<Instance>> Instance::start(Config config) {
  auto wired = std::make_unique<Wired>(std::move(config));
  DAYBOOK_RETURN_IF_ERROR(wired->open());
  DAYBOOK_RETURN_IF_ERROR(wired->listen());
  return wired;
}

}  // namespace daybook::app
