// SPDX-License-Identifier: Apache-2.0
// Nothing after the ledger may append: search cannot even name the recorder.
#include "daybook/capture/recorder.h"
#include "daybook/search/engine.h"
