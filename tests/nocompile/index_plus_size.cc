// SPDX-License-Identifier: Apache-2.0
// A position and a count do not add up: the compiler has to refuse.
#include "daybook/core/ids.h"
auto nonsense = daybook::EntryIndex(1) + daybook::TreeSize(2);
