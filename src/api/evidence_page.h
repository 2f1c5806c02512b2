// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace daybook::api {

// The page that shows and verifies evidence by itself (web/tools/evidence-page.mjs makes it), cut
// where its evidence goes. Both empty in a binary built without the web pages.
struct EvidencePage {
  std::string_view head;
  std::string_view tail;
};
[[nodiscard]] const EvidencePage& evidence_page();

// JSON as it may stand inside of a <script>: without any `<`.
[[nodiscard]] std::string page_text(std::string_view json);

}  // namespace daybook::api
