// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "daybook/record/event.h"

namespace daybook::record_testing {

// Makes events and JSON values of every shape the model allows, the same ones for the same seed.
class RandomEvents {
 public:
  explicit RandomEvents(std::uint64_t seed) : engine_(seed) {}

  // Any combination of present and absent members. Valid UTF-8 only.
  [[nodiscard]] record::Event event();
  // As above, but what an ingest caller may send: kind event, a tenant, an actor.
  [[nodiscard]] record::Event ingested();
  // A value whose nesting is at most `depth`.
  [[nodiscard]] record::Json json(std::size_t depth);
  // Up to 12 code points from all planes, control characters and quotes included.
  [[nodiscard]] std::string text();
  // Below `bound`.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);

 private:
  [[nodiscard]] bool coin() { return below(2) == 1; }
  [[nodiscard]] record::OptionalText maybe_text();
  [[nodiscard]] record::Json number();
  [[nodiscard]] record::Json object(std::size_t depth);
  void fill_actor(record::Actor& actor);
  void fill_change(record::Change& change);

  std::mt19937_64 engine_;
};

}  // namespace daybook::record_testing
