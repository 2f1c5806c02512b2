// SPDX-License-Identifier: Apache-2.0
#include "evidence_page.h"

#include "web_files.h"

namespace daybook::api {
namespace {

constexpr std::string_view kFile = "evidence.html";
constexpr std::string_view kOpening = "<script type=\"application/json\" id=\"evidence\">";
constexpr std::string_view kClosing = "</script>";

EvidencePage cut_page() {
  for (const WebFile& file : web_files()) {
    if (file.path != kFile) continue;
    const std::size_t at = file.identity.find(kOpening);
    if (at == std::string_view::npos) break;
    const std::size_t cut = at + kOpening.size();
    const std::size_t end = file.identity.find(kClosing, cut);
    if (end == std::string_view::npos) break;
    return {file.identity.substr(0, cut), file.identity.substr(end)};
  }
  return {};
}

}  // namespace

const EvidencePage& evidence_page() {
  static const EvidencePage page = cut_page();
  return page;
}

std::string page_text(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace daybook::api
