// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/record/event.h"

namespace daybook::record {

// The three parts of an entry, each separately salted and committed to (contract section 2).
enum class Part : std::uint8_t { event = 1, actor = 2, change = 3 };
constexpr std::size_t kPartCount = 3;
// Their names in the API, in order.
constexpr std::array<std::pair<std::string_view, Part>, kPartCount> kParts{
    {{"event", Part::event}, {"actor", Part::actor}, {"change", Part::change}}};
[[nodiscard]] std::optional<Part> parse_part(std::string_view name);
// Of sets of parts: bit k-1 for part k.
[[nodiscard]] constexpr std::uint8_t bit_of(Part part) {
  return static_cast<std::uint8_t>(1U << (static_cast<unsigned>(part) - 1));
}

// RFC 8785 bytes of each part, in the order event, actor, change. An absent part is empty.
struct Parts {
  std::array<std::string, kPartCount> bytes;
  [[nodiscard]] const std::string& operator[](Part part) const {
    return bytes[static_cast<std::size_t>(part) - 1];
  }
};

// Absent keys left out; v, id, kind, date, recordedAt, result, source always present.
[[nodiscard]] Parts encode(const Event& event);
// The inverse. Errc::corrupt if a part is not what encode() can have made. An erased part is empty
// and leaves its members absent.
Result<Event> decode(const Parts& parts);

using Seed = std::array<std::uint8_t, 16>;
using Salt = std::array<std::uint8_t, 16>;
using Leaf = std::array<std::uint8_t, 97>;

[[nodiscard]] Seed new_seed(Random& random);
// First 16 bytes of SHA-256(seed ‖ k).
[[nodiscard]] Salt salt_of(const Seed& seed, Part part);
// SHA-256(k ‖ salt ‖ bytes).
[[nodiscard]] Hash commit(Part part, const Salt& salt, std::string_view bytes);
using Commitments = std::array<Hash, kPartCount>;
[[nodiscard]] Commitments commit_all(const Seed& seed, const Parts& parts);
// 0x01 ‖ commitment_1 ‖ commitment_2 ‖ commitment_3.
[[nodiscard]] Leaf leaf_data(const Commitments& commitments);
// SHA-256(0x00 ‖ leaf data), RFC 6962.
[[nodiscard]] Hash leaf_hash(const Commitments& commitments);

}  // namespace daybook::record
