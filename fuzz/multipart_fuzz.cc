// SPDX-License-Identifier: Apache-2.0
// Any bytes as an upload. First line: the content type; the rest is the body. Every part lies
// within the body, all that is told of one is text, and what an archive holds stays within its
// bounds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daybook/core/utf8.h"
#include "daybook/kestra/rules.h"

#include "bodies.h"
#include "zip.h"

namespace {

void check_part(const daybook::kestra::FormPart& part, std::string_view body) {
  using namespace daybook::kestra;  // NOLINT(google-build-using-namespace): a program of one file.
  const bool inside = part.content.data() >= body.data() &&
                      part.content.data() + part.content.size() <= body.data() + body.size();
  if (!inside || !daybook::is_utf8(part.name) || !daybook::is_utf8(part.file_name)) std::abort();
  if (!is_zip(part.content)) return;
  std::size_t bytes = 0;
  const auto entries = unzip(part.content);
  for (const auto& entry : entries) bytes += entry.size();
  if (entries.size() > kZipEntriesMax || bytes > kZipBytesMax) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook::kestra;  // NOLINT(google-build-using-namespace): a program of one file.
  std::string_view body(reinterpret_cast<const char*>(data), size);
  const std::size_t end = body.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view type = body.substr(0, end);
  body.remove_prefix(end + 1);
  const auto parts = parse_form(type, body);
  if (parts.size() > kFormPartsMax) std::abort();
  for (const FormPart& part : parts) check_part(part, body);

  // The routes that take uploads.
  for (const std::string_view path :
       {"/api/v1/main/flows/import", "/api/v1/main/namespaces/a.b/files?path=/x"}) {
    const RequestView request{"POST", path.substr(0, path.find('?')),
                              path.substr(std::min(path.find('?') + 1, path.size()))};
    const Classification what = Rules::builtin().classify(request);
    Captured captured;
    captured.request_content_type = type;
    captured.request_body = body;
    captured.status = 200;
    const Interpretation told = Rules::builtin().interpret(request, what, captured);
    static_cast<void>(told.detail.dump());
    for (const auto& object : told.touched) {
      static_cast<void>(object.detail.dump());
      if (object.after) static_cast<void>(object.after->dump());
    }
  }
  return 0;
}
