// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::ledger {

// Names of tiles and entry bundles, C2SP tlog-tiles v0.1.0, height 8.
constexpr std::uint64_t kTileWidth = 256;

struct TileName {
  bool entries = false;      // An entry bundle instead of a hash tile.
  unsigned level = 0;        // 0..63; 0 for bundles.
  std::uint64_t number = 0;  // N
  unsigned width = 256;      // 256 = full.
  friend bool operator==(const TileName&, const TileName&) = default;
};

// `tile/0/x001/234`, `tile/entries/000.p/12`. Only canonical spellings parse; all others
// Errc::not_found.
[[nodiscard]] std::string tile_path(const TileName& name);
Result<TileName> parse_tile_path(std::string_view path);

// Whether a tree of `size` leaves implies this tile.
[[nodiscard]] bool tile_exists(const TileName& name, std::uint64_t size);

}  // namespace daybook::ledger
