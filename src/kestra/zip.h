// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daybook::kestra {

// Bounds of one archive: entries, and bytes after decompression of all of them.
inline constexpr std::size_t kZipEntriesMax = 10'000;
inline constexpr std::size_t kZipBytesMax = 32U << 20U;

[[nodiscard]] bool is_zip(std::string_view bytes);

// Contents of the files of a ZIP archive (APPNOTE 6.3: stored or deflated, no ZIP64, no encryption)
// in the order of its central directory. Entries that are broken or of another kind are left out;
// past the bounds the rest is.
[[nodiscard]] std::vector<std::string> unzip(std::string_view bytes);

}  // namespace daybook::kestra
