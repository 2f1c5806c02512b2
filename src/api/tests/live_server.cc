// SPDX-License-Identifier: Apache-2.0
#include "live_server.h"

#include <chrono>
#include <filesystem>
#include <string>

#include "daybook/core/check.h"
#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/net/server.h"

namespace daybook::api {
namespace {

constexpr std::uint64_t kAnswerMax = 16U << 20U;
constexpr std::chrono::milliseconds kPatience{60'000};

std::filesystem::path new_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "daybook_api_XXXXXX").string();
  DAYBOOK_CHECK(mkdtemp(name.data()) != nullptr);
  return name;
}

net::Task<void> fetch(net::Client& client, net::RequestHead head, std::string body,
                      Result<net::Response>& out) {
  out = co_await client.fetch(std::move(head), std::move(body), kAnswerMax, kPatience);
}

net::Task<void> drain(net::Server& server) {
  co_await server.drain(std::chrono::milliseconds(1000));
}

erasure::Doors doors_of(ledger::Ledger& ledger, search::Engine& engine) {
  const auto find = [&engine](const query::Filter& filter) -> Result<std::vector<EntryIndex>> {
    DAYBOOK_ASSIGN_OR_RETURN(const auto cursor,
                             engine.ascending(filter, EntryIndex(0), engine.size()));
    return cursor->next(1'000'000);
  };
  const auto record = [&ledger](std::vector<record::Event> events) -> Status {
    std::vector<ledger::Draft> batch;
    for (record::Event& event : events) {
      if (event.id.empty()) event.id = random_base62(system_random(), 22);
      event.recorded_at = system_clock().now();
      batch.push_back(ledger::prepare(event, {}, system_random()));
    }
    DAYBOOK_RETURN_IF_ERROR(append_and_wait(ledger, std::move(batch)));
    return {};
  };
  const auto erase = [&ledger](std::vector<ledger::Erasure> erasures) {
    return ledger.erase(std::move(erasures));
  };
  return {ledger.reader(), find, record, erase, [&engine] { return engine.forget(); }};
}

}  // namespace

struct LiveServer::State {
  std::filesystem::path directory = new_directory();
  Metrics metrics;
  std::unique_ptr<ledger::Ledger> ledger =
      ledger::Ledger::open(posix_file_system(), directory, {}, system_clock(), system_random(),
                           metrics)
          .value();
  std::unique_ptr<search::Engine> engine = search::Engine::make(ledger->reader());
  std::unique_ptr<access::Accounts> accounts =
      access::Accounts::open(directory / "state.db", system_clock(), system_random()).value();
  std::unique_ptr<access::Authenticator> authenticator =
      access::Authenticator::make(*accounts, system_clock(), system_random());
  capture::Recorder recorder{*ledger, system_clock(), system_random()};
  capture::Ingest ingest{recorder, metrics};
  std::unique_ptr<erasure::Redactor> redactor =
      erasure::Redactor::open(doors_of(*ledger, *engine), {.fs = posix_file_system(),
                                                           .data_dir = directory,
                                                           .clock = system_clock(),
                                                           .random = system_random(),
                                                           .two_person = {},
                                                           .policies = {}})
          .value();
  std::unique_ptr<net::Runtime> runtime = net::Runtime::start(2);
  std::unique_ptr<Api> api = Api::make({.ledger = *ledger,
                                        .search = *engine,
                                        .accounts = *accounts,
                                        .authenticator = *authenticator,
                                        .recorder = recorder,
                                        .ingest = ingest,
                                        .redactor = *redactor,
                                        .metrics = metrics,
                                        .metrics_open = false});
  std::unique_ptr<net::Server> server =
      net::Server::listen(runtime->executor(), "127.0.0.1:0", [this](net::Exchange& exchange) {
        return serve(exchange);
      }).value();
  std::unique_ptr<net::Client> client =
      net::Client::make(net::BaseUrl::parse("http://" + server->address()).value());

  State() {
    ledger->set_observer(
        [this](const std::vector<ledger::StoredEntry>& group) { engine->add(group); });
  }
  ~State() {
    runtime->run(drain(*server));
    server.reset();
    client.reset();
    runtime.reset();
    EXPECT_TRUE(ledger->close().has_value());
    ledger.reset();
    std::filesystem::remove_all(directory);
  }
  // `/daybook/…` is answered as on a gateway's listener.
  net::Task<void> serve(net::Exchange& exchange) {
    const bool below = exchange.head().path().starts_with("/daybook/");
    return api->handle(exchange, below ? "/daybook" : "");
  }
};

LiveServer::LiveServer() : state_(std::make_unique<State>()) {
  admin = token_for("root-bot", access::Role::admin);
  access::NewUser user;
  user.username = kUser;
  user.password = kPassword;
  user.role = access::Role::admin;
  DAYBOOK_CHECK(state_->accounts->create_user(std::move(user), access::local_root()).has_value());
}

LiveServer::~LiveServer() = default;

std::string LiveServer::token_for(const std::string& name, access::Role role,
                                  std::optional<std::string> tenant) {
  const access::Principal root = access::local_root();
  auto account = state_->accounts->create_service_account(
      {.name = name, .role = role, .tenant = std::move(tenant), .namespace_prefix = {}}, root);
  DAYBOOK_CHECK(account.has_value());
  auto token = state_->accounts->create_token(name, "test", std::nullopt, root);
  DAYBOOK_CHECK(token.has_value());
  return token->value.full_token;
}

net::Response LiveServer::send(Request request) {
  net::RequestHead head;
  head.method = request.method;
  head.target = request.target;
  if (!request.token.empty()) {
    head.headers.add("Authorization", "Bearer " + request.token);
  }
  for (auto& [name, value] : request.headers) {
    head.headers.add(name, value);
  }
  if (!request.body.empty() || request.method == "POST") {
    head.content_length = request.body.size();
  }
  Result<net::Response> out = Error{Errc::unavailable, "not sent"};
  state_->runtime->run(fetch(*state_->client, std::move(head), std::move(request.body), out));
  EXPECT_TRUE(out.has_value()) << request.target << ": "
                               << (out ? std::string() : out.error().context);
  return out ? *std::move(out) : net::Response{};
}

net::Response LiveServer::get(const std::string& target, const std::string& token) {
  Request request;
  request.target = target;
  request.token = token;
  return send(std::move(request));
}

net::Response LiveServer::post(const std::string& target, const std::string& token,
                               const record::Json& body) {
  Request request;
  request.method = "POST";
  request.target = target;
  request.token = token;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body.dump();
  return send(std::move(request));
}

ledger::Ledger& LiveServer::ledger() {
  return *state_->ledger;
}

record::Json json_of(const net::Response& response) {
  Result<record::Json> value = record::parse_json(response.body);
  EXPECT_TRUE(value.has_value()) << response.body.substr(0, 300);
  return value ? *std::move(value) : record::Json();
}

std::unique_ptr<LiveServer> LiveServerTest::server;
std::string LiveServerTest::writer;
std::string LiveServerTest::auditor;
std::string LiveServerTest::viewer;

void LiveServerTest::SetUpTestSuite() {
  server = std::make_unique<LiveServer>();
  writer = server->token_for("writer", access::Role::writer);
  auditor = server->token_for("auditor", access::Role::auditor);
  viewer = server->token_for("viewer", access::Role::viewer, "alpha");
}

void LiveServerTest::TearDownTestSuite() {
  server.reset();
}

record::Json LiveServerTest::ingest(const std::string& tenant, const record::Json& body) {
  const net::Response response = server->post("/api/v1/" + tenant + "/auditlogs", writer, body);
  EXPECT_EQ(response.head.status, 201U) << response.body;
  return json_of(response);
}

}  // namespace daybook::api
