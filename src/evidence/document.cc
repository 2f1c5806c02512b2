// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "daybook/core/bytes.h"
#include "daybook/evidence/selection.h"
#include "daybook/evidence/verify.h"

namespace daybook::evidence {
namespace {

using record::Json;

// How a page carries its evidence (web/tools/evidence-page.mjs). The JSON in it holds no `<`.
constexpr std::string_view kPageStart = "<!doctype html>";
constexpr std::string_view kOpening = "<script type=\"application/json\" id=\"evidence\">";
constexpr std::string_view kClosing = "</script>";

Json or_null(const std::optional<std::uint64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

Result<std::string_view> document_of(std::string_view file) {
  if (!file.starts_with(kPageStart)) return file;
  const std::size_t at = file.find(kOpening);
  if (at == std::string_view::npos) {
    return Error{Errc::invalid, "the page carries no evidence"};
  }
  std::string_view rest = file.substr(at + kOpening.size());
  if (rest.find(kOpening) != std::string_view::npos) {
    return Error{Errc::invalid, "the page carries more than one piece of evidence"};
  }
  const std::size_t end = rest.find('<');
  if (end == std::string_view::npos || !rest.substr(end).starts_with(kClosing)) {
    return Error{Errc::invalid, "the page's evidence has no end"};
  }
  return rest.substr(0, end);
}

Json to_json(const Report& report) {
  Json failures = Json::array();
  for (const Failure& failure : report.failures) {
    failures.push_back({{"item", or_null(failure.item)},
                        {"index", or_null(failure.index)},
                        {"what", failure.what}});
  }
  return {{"ok", report.ok},
          {"format", kFormat},
          {"origin", report.origin},
          {"treeSize", report.tree_size},
          {"rootHash", to_hex(report.root)},
          {"keys", report.keys},
          {"keyFromOutside", report.key_from_outside},
          {"anchoredTo", or_null(report.anchored_to)},
          {"filters", report.filters},
          {"scope", report.scope},
          {"from", report.from},
          {"to", report.to},
          {"complete", report.complete},
          {"items", report.items},
          {"disclosed", report.disclosed},
          {"withheld", report.withheld},
          {"erased", report.erased},
          {"notEvaluated", report.not_evaluated},
          {"failures", std::move(failures)}};
}

}  // namespace daybook::evidence
