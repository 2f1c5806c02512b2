// SPDX-License-Identifier: Apache-2.0
// An ignored error is an error.
#include "daybook/core/result.h"
daybook::Result<int> might_fail();
void careless() {
  might_fail();
}
