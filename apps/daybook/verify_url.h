// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/core/result.h"
#include "daybook/ledger/verify.h"

namespace daybook::app {

// Verifies a published log over HTTP: checkpoint, tiles, bundles; with a token also every part of
// every entry against its commitments and leaf.
Result<ledger::VerifyReport> verify_url(const std::string& url, const std::string& token,
                                        const ledger::VerifyOptions& options);

}  // namespace daybook::app
