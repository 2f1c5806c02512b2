// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"

namespace daybook::ledger {

// ledger/erasing: what is to be erased, durable before the first byte goes and there until the last
// one has gone, so that a crash in between leaves nothing half done for good. Holds indexes and
// parts only.
constexpr std::string_view kErasingFile = "erasing";
constexpr std::uint64_t kErasuresMax = 16U << 20U;

[[nodiscard]] Bytes encode_erasures(const std::vector<Erasure>& erasures);
// Errc::corrupt
Result<std::vector<Erasure>> decode_erasures(ByteSpan bytes);
// Empty if there is no such file.
Result<std::vector<Erasure>> read_erasures(FileSystem& fs, const FileSystem::Path& data_dir);

// Ascending, one an entry. Errc::invalid if an entry or a part does not exist.
Result<std::vector<Erasure>> merge_erasures(std::vector<Erasure> erasures, std::uint64_t size);

}  // namespace daybook::ledger
