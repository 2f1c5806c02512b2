// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <exception>
#include <map>

#include "daybook/core/check.h"

namespace daybook {
namespace {

constexpr int kHistogramBuckets = 20;

std::map<std::string, std::string> to_map(const Metrics::Labels& labels) {
  return {labels.begin(), labels.end()};
}

// The library throws for malformed names and for one name with two types: mistakes in our source.
template <class Make>
void* make_or_stop(Make make) {
  try {
    return make();
  } catch (const std::exception&) {
    check_failed(__FILE__, __LINE__, "metric with a malformed name, or one name with two types");
  }
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Metrics::Counter Metrics::counter(const std::string& name, const std::string& help,
                                  const Labels& labels) {
  Counter handle;
  handle.impl_ = make_or_stop([&] {
    return &prometheus::BuildCounter()
                .Name(name)
                .Help(help)
                .Register(impl_->registry)
                .Add(to_map(labels));
  });
  return handle;
}

Metrics::Gauge Metrics::gauge(const std::string& name, const std::string& help,
                              const Labels& labels) {
  Gauge handle;
  handle.impl_ = make_or_stop([&] {
    return &prometheus::BuildGauge()
                .Name(name)
                .Help(help)
                .Register(impl_->registry)
                .Add(to_map(labels));
  });
  return handle;
}

Metrics::Histogram Metrics::histogram(const std::string& name, const std::string& help,
                                      double smallest, const Labels& labels) {
  prometheus::Histogram::BucketBoundaries bounds;
  for (int i = 0; i < kHistogramBuckets; ++i) bounds.push_back(std::ldexp(smallest, i));
  Histogram handle;
  handle.impl_ = make_or_stop([&] {
    return &prometheus::BuildHistogram()
                .Name(name)
                .Help(help)
                .Register(impl_->registry)
                .Add(to_map(labels), bounds);
  });
  return handle;
}

std::string Metrics::render() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

void Metrics::Counter::add(double amount) {
  if (impl_ != nullptr) static_cast<prometheus::Counter*>(impl_)->Increment(amount);
}

double Metrics::Counter::value() const {
  return impl_ == nullptr ? 0 : static_cast<prometheus::Counter*>(impl_)->Value();
}

void Metrics::Gauge::set(double value) {
  if (impl_ != nullptr) static_cast<prometheus::Gauge*>(impl_)->Set(value);
}

void Metrics::Histogram::observe(double value) {
  if (impl_ != nullptr) static_cast<prometheus::Histogram*>(impl_)->Observe(value);
}

}  // namespace daybook
