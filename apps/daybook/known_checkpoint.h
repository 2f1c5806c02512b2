// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"

namespace daybook::app {

// A checkpoint that was kept outside must still be in the ledger: else the directory is an older
// copy, or was rewritten, and a server that goes on from it would sign a second history.
// Errc::corrupt if it is not, or is not this ledger's; Errc::not_found if there is no such file.
Status check_known_checkpoint(const ledger::Reader& reader, const std::filesystem::path& file);

}  // namespace daybook::app
