// SPDX-License-Identifier: Apache-2.0
#include "events.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "daybook/core/clock.h"
#include "daybook/record/json.h"

namespace daybook::bench {

namespace {

using record::Json;
using std::string_view;

constexpr std::size_t kUsers = 5000;
constexpr std::size_t kServices = 200;
constexpr std::size_t kAddresses = 3000;
constexpr std::size_t kAgents = 30;
constexpr std::size_t kWords = 20'000;
constexpr std::size_t kFlows = 4000;
constexpr std::size_t kRecent = 4096;
constexpr std::uint64_t kStart = 1'758'931'200'000;                 // 2025-09-27
constexpr std::uint64_t kStepMs = 400ULL * 86'400'000 / 1'000'000;  // A million in 400 days.

constexpr std::array<string_view, 20> kTenants{
    "main",     "acme-prod", "acme-staging", "globex",   "initech",    "umbrella-eu", "umbrella-us",
    "hooli",    "stark",     "wayne",        "wonka",    "soylent",    "tyrell",      "cyberdyne",
    "aperture", "blackmesa", "massive",      "vandelay", "pied-piper", "dunder"};

struct Weighted {
  string_view name;
  double weight;
};
constexpr std::array<Weighted, 35> kResources{{
    {"EXECUTION", 52},
    {"FLOW", 18},
    {"NAMESPACE", 3},
    {"KVSTORE", 3},
    {"SECRET", 2},
    {"TRIGGER", 2.5},
    {"LOG", 3},
    {"USER", 2},
    {"GROUP", 0.8},
    {"ROLE", 0.7},
    {"BINDING", 0.7},
    {"DASHBOARD", 1.5},
    {"APP", 1},
    {"APPEXECUTION", 1},
    {"TEST", 0.6},
    {"BLUEPRINT", 0.8},
    {"TEMPLATE", 0.5},
    {"FILE", 2},
    {"AUDITLOG", 0.5},
    {"INFRASTRUCTURE", 0.2},
    {"INVITATION", 0.2},
    {"ME", 1},
    {"IMPERSONATE", 0.05},
    {"SETTING", 0.2},
    {"SERVICE_ACCOUNT", 0.3},
    {"API_TOKEN", 0.4},
    {"TENANT", 0.1},
    {"TENANT_ACCESS", 0.2},
    {"CREDENTIALS", 0.2},
    {"ASSET", 0.5},
    {"BANNER", 0.05},
    {"ANNOUNCEMENT", 0.05},
    {"KILLSWITCH", 0.02},
    {"WORKERGROUP", 0.1},
    {"AI_COPILOT", 0.3},
}};

constexpr std::array<string_view, 30> kSyllables{
    "ba", "co", "di", "fe",  "ga",  "hu",  "in",  "jo",   "ka",  "lo",
    "mi", "no", "or", "pa",  "qui", "re",  "sa",  "tu",   "ul",  "ve",
    "wi", "xa", "yo", "zen", "tra", "ble", "cra", "ster", "mon", "del"};
constexpr std::array<string_view, 20> kFirstWords{
    "timeout", "retry",    "warehouse", "daily",     "customer", "load",    "error",
    "update",  "schedule", "input",     "output",    "batch",    "invoice", "report",
    "sync",    "bigquery", "postgres",  "snowflake", "kafka",    "alert"};
constexpr std::array<string_view, 7> kVerbs{"restart", "kill",          "resume",    "pause",
                                            "replay",  "change-status", "set-labels"};
constexpr std::array<string_view, 5> kOperations{"replace", "add", "remove", "replace", "replace"};

template <class Words>
bool is_one_of(string_view word, const Words& words) {
  return std::ranges::find(words, word) != std::end(words);
}

}  // namespace

EventSource::EventSource(std::uint64_t seed) : state_(seed), millis_(kStart) {
  make_words();
  make_people();
  make_flows();
  tenant_sums_ = zipf(kTenants.size(), 1.1);
  double sum = 0;
  for (const Weighted& resource : kResources) resource_sums_.push_back(sum += resource.weight);
}

std::uint64_t EventSource::random() {  // SplitMix64.
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

std::vector<double> EventSource::zipf(std::size_t count, double exponent) {
  std::vector<double> sums;
  double sum = 0;
  for (std::size_t n = 1; n <= count; ++n) {
    sums.push_back(sum += 1 / std::pow(static_cast<double>(n), exponent));
  }
  return sums;
}

std::size_t EventSource::pick(const std::vector<double>& sums) {
  const auto found = std::ranges::upper_bound(sums, unit() * sums.back());
  return std::min(static_cast<std::size_t>(found - sums.begin()), sums.size() - 1);
}

std::string EventSource::id22() {
  constexpr string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string id(22, '0');
  for (char& digit : id) digit = kDigits[below(kDigits.size())];
  return id;
}

// Version 7: 48 bits of time, 74 of chance.
std::string EventSource::uuid(std::uint64_t millis) {
  constexpr string_view kDigits = "0123456789abcdef";
  const std::uint64_t high = millis << 16U | 0x7000U | (random() & 0xfffU);
  const std::uint64_t low = (random() & 0x3fffffffffffffffU) | 0x8000000000000000U;
  std::string id;
  for (unsigned n = 0; n < 32; ++n) {
    if (n == 8 || n == 12 || n == 16 || n == 20) id += '-';
    id += kDigits[(n < 16 ? high >> (60 - 4 * n) : low >> (124 - 4 * n)) & 15U];
  }
  return id;
}

void EventSource::make_words() {
  words_.assign(kFirstWords.begin(), kFirstWords.end());
  while (words_.size() < kWords) {
    std::string word;
    for (std::uint64_t n = 2 + below(3); n > 0; --n) word += kSyllables[below(kSyllables.size())];
    words_.push_back(std::move(word));
  }
  word_sums_ = zipf(kWords, 1.0);
}

void EventSource::make_people() {
  for (std::size_t n = 0; n < kServices; ++n) users_.push_back("svc_" + id22().substr(0, 18));
  for (std::size_t n = 0; n < kUsers; ++n) users_.push_back(id22());
  user_sums_ = zipf(kUsers, 1.02);
  service_sums_ = zipf(kServices, 1.1);
  const auto number = [this](std::uint64_t bound) { return std::to_string(below(bound)); };
  for (std::size_t n = 0; n < kAddresses; ++n) {
    const std::string first = n % 3 == 0 ? "10" : std::to_string(11 + below(180));
    addresses_.push_back(n % 3 == 2
                             ? "2001:db8:" + number(9999) + ":" + number(9999) + "::" + number(9999)
                             : first + "." + number(256) + "." + number(256) + "." + number(255));
  }
  constexpr std::array<string_view, 3> kSystems{
      "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"};
  constexpr std::array<string_view, 5> kTools{"curl/8.5.0", "python-requests/2.32.3",
                                              "Terraform/1.9.5 terraform-provider-kestra/0.19",
                                              "okhttp/4.12.0", "Go-http-client/2.0"};
  for (std::size_t n = 0; n < kAgents; ++n) {
    if (n < 20) {
      agents_.push_back("Mozilla/5.0 (" + std::string(kSystems[n % 3]) +
                        ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" +
                        std::to_string(118 + n) + ".0.0.0 Safari/537.36");
    } else if (n < 25) {
      agents_.push_back("kestra-cli/" + std::to_string(n % 2) + "." + std::to_string(n - 5) + ".0");
    } else {
      agents_.emplace_back(kTools[n - 25]);
    }
  }
  agent_sums_ = zipf(kAgents, 0.8);
}

void EventSource::make_flows() {
  for (const char* top : {"company", "data", "finance", "marketing", "ops", "platform"}) {
    for (const char* team : {"etl", "reporting", "ingestion", "ml", "billing", "crm", "iot",
                             "infra", "security", "sandbox"}) {
      for (const char* stage : {"prod", "staging", "dev", "eu", "us"}) {
        namespaces_.push_back(std::string(top) + "." + team + "." + stage);
      }
    }
  }
  namespace_sums_ = zipf(namespaces_.size(), 0.9);
  flow_sums_ = zipf(kFlows, 1.0);
  for (std::size_t n = 0; n < kFlows; ++n) {
    flows_.push_back(words_[20 + below(3000)] + "-" + words_[below(20)] + "-" + std::to_string(n));
    flow_namespaces_.push_back(pick(namespace_sums_));
  }
  for (std::size_t n = 0; n < kRecent; ++n) recent_.emplace_back(id22(), pick(flow_sums_));
}

std::string EventSource::action_of(const std::string& resource) {
  const double x = unit() * 100;
  const auto choose = [x](std::initializer_list<Weighted> words) {
    double sum = 0;
    for (const Weighted& word : words) {
      if (x < (sum += word.weight)) return std::string(word.name);
    }
    return std::string("READ");
  };
  if (resource == "EXECUTION" || resource == "APPEXECUTION") {
    return choose({{"CREATE", 50}, {"READ", 25}, {"UPDATE", 22}, {"DELETE", 3}});
  }
  if (resource == "FLOW") {
    return choose({{"READ", 45}, {"UPDATE", 38}, {"CREATE", 12}, {"DELETE", 3}, {"EXPORT", 2}});
  }
  if (resource == "USER" || resource == "ME") {
    return choose({{"LOGIN", 70},
                   {"LOGOUT", 15},
                   {"LOGIN_FAILED", 6},
                   {"CREATE", 4},
                   {"UPDATE", 4},
                   {"DELETE", 1}});
  }
  return choose({{"READ", 55}, {"UPDATE", 25}, {"CREATE", 13}, {"DELETE", 6}, {"EXPORT", 1}});
}

record::Event EventSource::next() {
  millis_ += below(2 * kStepMs);
  record::Event event;
  event.id = uuid(millis_);
  const std::size_t tenant = pick(tenant_sums_);
  event.tenant_id = std::string(kTenants[tenant]);
  event.date = static_cast<UnixMillis>(millis_);
  event.recorded_at = event.date + static_cast<UnixMillis>(below(2000));
  event.resource = kResources[pick(resource_sums_)].name;
  event.action = action_of(event.resource);
  fill_actor(event, tenant);
  fill_detail(event, tenant);
  if (event.action == "UPDATE" && below(5) == 0) event.change.applied_patch = patch();
  return event;
}

void EventSource::fill_actor(record::Event& event, std::size_t tenant) {
  const bool service = (event.resource == "EXECUTION" && below(100) < 60) || below(100) < 15;
  const std::size_t user = service ? (pick(service_sums_) + tenant * 13) % kServices
                                   : kServices + (pick(user_sums_) + tenant * 263) % kUsers;
  event.actor.user_id = users_[user];
  event.actor.ip_address = addresses_[(user * 7 + std::min(below(8), below(8))) % kAddresses];
  event.actor.user_agent = agents_[service ? 20 + user % 10 : (pick(agent_sums_) + user) % kAgents];
}

void EventSource::fill_detail(record::Event& event, std::size_t tenant) {
  constexpr std::array<string_view, 3> kRuns{"EXECUTION", "APPEXECUTION", "LOG"};
  constexpr std::array<string_view, 5> kFlowLike{"FLOW", "TRIGGER", "TEST", "TEMPLATE", "APP"};
  constexpr std::array<string_view, 7> kKeyed{"NAMESPACE", "KVSTORE",   "SECRET",     "FILE",
                                              "ASSET",     "BLUEPRINT", "CREDENTIALS"};
  Json& detail = event.detail;
  std::size_t flow = (pick(flow_sums_) + tenant * 197) % kFlows;
  const bool run = is_one_of(event.resource, kRuns);
  if (run) {
    auto& known = recent_[below(kRecent)];
    if (event.action == "CREATE") known = {id22(), flow};
    flow = known.second;
    detail["executionId"] = known.first;
    if (event.action == "UPDATE") detail["action"] = kVerbs[below(kVerbs.size())];
  }
  if (run || is_one_of(event.resource, kFlowLike)) {
    detail["namespace"] = namespaces_[flow_namespaces_[flow]];
    detail["flowId"] = flows_[flow];
    detail["revision"] = 1 + (flow * 31 + (millis_ - kStart) / 720'000'000) % 60;
  } else if (is_one_of(event.resource, kKeyed)) {
    detail["namespace"] = namespaces_[pick(namespace_sums_)];
    detail["key"] = words_[pick(word_sums_)] + "_" + words_[pick(word_sums_)];
  } else {
    detail["resourceId"] = id22();
    detail["name"] = words_[pick(word_sums_)] + " " + words_[pick(word_sums_)];
  }
  const std::uint64_t x = below(1000);
  detail["status"] = x < 974 ? 200 : x < 986 ? 404 : x < 994 ? 403 : x < 998 ? 422 : 500;
}

// Of 0.2 to 4 KB, evenly over the logarithm.
Json EventSource::patch() {
  const double target = 200 * std::pow(20, unit());
  Json operations = Json::array();
  for (double bytes = 0; bytes < target;) {
    std::string value;
    for (std::uint64_t n = 3 + below(15); n > 0; --n) value += words_[pick(word_sums_)] + " ";
    value.pop_back();
    bytes += static_cast<double>(value.size()) + 60;
    operations.push_back({{"op", kOperations[below(kOperations.size())]},
                          {"path", "/tasks/" + std::to_string(below(20)) + "/" +
                                       words_[std::min<std::size_t>(pick(word_sums_), 400)]},
                          {"value", std::move(value)}});
  }
  return operations;
}

std::string as_json(const record::Event& event) {
  Json json{{"id", event.id},
            {"tenantId", *event.tenant_id},
            {"date", format_time(event.date)},
            {"type", event.action},
            {"resource", event.resource},
            {"userId", *event.actor.user_id},
            {"ipAddress", *event.actor.ip_address},
            {"userAgent", *event.actor.user_agent},
            {"detail", event.detail}};
  if (event.change.applied_patch.is_array()) json["appliedPatch"] = event.change.applied_patch;
  return json.dump();
}

}  // namespace daybook::bench
