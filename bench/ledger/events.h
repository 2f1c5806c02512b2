// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daybook/record/event.h"

namespace daybook::bench {

// Audit events as a busy Kestra makes them, the same for the same seed: 20 tenants, 5,000 users and
// 200 service accounts, 35 resources (half of it executions), 4,000 flows in 300 namespaces, 3,000
// addresses, 30 user agents, JSON Patches of 0.2 to 4 KB on a fifth of the updates, times over 400
// days. As one JSON object an event has about 460 bytes on average.
//
// Threads: one.
class EventSource {
 public:
  explicit EventSource(std::uint64_t seed);
  // Events follow one another in time.
  record::Event next();

 private:
  std::uint64_t random();
  std::uint64_t below(std::uint64_t bound) { return random() % bound; }
  double unit() { return static_cast<double>(random() >> 11U) * 0x1p-53; }
  std::string id22();
  std::string uuid(std::uint64_t millis);
  // A number below the size of `sums`, by its cumulated weights.
  std::size_t pick(const std::vector<double>& sums);
  static std::vector<double> zipf(std::size_t count, double exponent);

  void make_people();
  void make_words();
  void make_flows();
  void fill_detail(record::Event& event, std::size_t tenant);
  void fill_actor(record::Event& event, std::size_t tenant);
  record::Json patch();
  std::string action_of(const std::string& resource);

  std::uint64_t state_;
  std::uint64_t millis_;
  std::vector<std::string> users_;
  std::vector<std::string> addresses_;
  std::vector<std::string> agents_;
  std::vector<std::string> words_;
  std::vector<std::string> namespaces_;
  std::vector<std::string> flows_;
  std::vector<std::size_t> flow_namespaces_;
  std::vector<std::pair<std::string, std::size_t>> recent_;  // Executions with their flows.
  std::vector<double> tenant_sums_;
  std::vector<double> user_sums_;
  std::vector<double> service_sums_;
  std::vector<double> agent_sums_;
  std::vector<double> word_sums_;
  std::vector<double> namespace_sums_;
  std::vector<double> flow_sums_;
  std::vector<double> resource_sums_;
};

// As a sender would write it, without a line end.
[[nodiscard]] std::string as_json(const record::Event& event);

}  // namespace daybook::bench
