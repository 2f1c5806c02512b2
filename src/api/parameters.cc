// SPDX-License-Identifier: Apache-2.0
#include "parameters.h"

#include <algorithm>
#include <charconv>

namespace daybook::api {
namespace {

std::string joined(std::initializer_list<std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    out += out.empty() ? "" : ", ";
    out += word;
  }
  return out.empty() ? "none" : out;
}

tl::unexpected<HttpError> refused(std::string message, std::string_view name) {
  return tl::unexpected(HttpError{422, std::move(message), std::string(name)});
}

}  // namespace

Answer<Parameters> Parameters::read(const query::Params& params,
                                    std::initializer_list<std::string_view> known) {
  for (auto at = params.begin(); at != params.end(); ++at) {
    const std::string& name = at->first;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return refused("unknown parameter " + name + "; known: " + joined(known), name);
    }
    if (std::any_of(params.begin(), at, [&](const auto& one) { return one.first == name; })) {
      return refused("parameter " + name + " is given twice", name);
    }
  }
  return Parameters(params);
}

std::optional<std::string> Parameters::text(std::string_view name) const {
  for (const auto& [given, value] : *params_) {
    if (given == name) {
      return value;
    }
  }
  return std::nullopt;
}

Answer<std::optional<std::uint64_t>> Parameters::number(std::string_view name, std::uint64_t min,
                                                        std::uint64_t max) const {
  const std::optional<std::string> given = text(name);
  if (!given) {
    return std::optional<std::uint64_t>();
  }
  std::uint64_t value = 0;
  const char* const end = given->data() + given->size();
  const auto [at, error] = std::from_chars(given->data(), end, value);
  const bool padded = given->size() > 1 && given->front() == '0';
  if (error != std::errc() || at != end || padded || value < min || value > max) {
    return refused(std::string(name) + " is a number from " + std::to_string(min) + " to " +
                       std::to_string(max),
                   name);
  }
  return std::optional(value);
}

Answer<std::string> Parameters::word(std::string_view name,
                                     std::initializer_list<std::string_view> words) const {
  const std::optional<std::string> given = text(name);
  if (!given) {
    return std::string(*words.begin());
  }
  if (std::find(words.begin(), words.end(), *given) == words.end()) {
    return refused(std::string(name) + " is one of " + joined(words), name);
  }
  return *given;
}

}  // namespace daybook::api
