// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {

// Process metrics in Prometheus' data model (prometheus-cpp behind it).
// Handles are cheap to copy, live as long as the Metrics they came from, and may be used from any
// thread.
class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  class Counter {
   public:
    void add(double amount = 1);
    [[nodiscard]] double value() const;

   private:
    friend class Metrics;
    void* impl_ = nullptr;
  };
  class Gauge {
   public:
    void set(double value);

   private:
    friend class Metrics;
    void* impl_ = nullptr;
  };
  class Histogram {
   public:
    void observe(double value);

   private:
    friend class Metrics;
    void* impl_ = nullptr;
  };

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Names are `daybook_<what>_<unit>[_total]`. The same name and labels give the same handle.
  Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Buckets: powers of two from `smallest`, 20 of them.
  Histogram histogram(const std::string& name, const std::string& help, double smallest,
                      const Labels& labels = {});

  // Text exposition format 0.0.4.
  [[nodiscard]] std::string render() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
