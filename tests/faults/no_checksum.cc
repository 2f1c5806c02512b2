// SPDX-License-Identifier: Apache-2.0
// A CRC-32C that is always 0, for `ledger_tests_no_checksum`: a check that is not there. The tests
// that change every byte have to fail with it, or they prove nothing.
#include "daybook/core/bytes.h"

namespace daybook {

std::uint32_t crc32c(ByteSpan /*bytes*/, std::uint32_t /*seed*/) {
  return 0;
}

}  // namespace daybook
