// SPDX-License-Identifier: Apache-2.0
// Any bytes as method, path, query, bodies: classification and interpretation never fail, and all
// they say can stand in JSON. Lines of the input: method, path, query, content type, status; the
// rest is cut in two at a NUL: request body, answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daybook/core/utf8.h"
#include "daybook/kestra/rules.h"

namespace {

std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return piece;
}

void must_be_json(const daybook::kestra::Json& json) {
  // dump() refuses what is no UTF-8 by an exception, which ends the fuzzer.
  static_cast<void>(json.dump());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook::kestra;  // NOLINT(google-build-using-namespace): a program of one file.
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  RequestView request;
  request.method = take(rest, '\n');
  request.path = take(rest, '\n');
  request.query = take(rest, '\n');
  const std::string_view type = take(rest, '\n');
  const std::string_view status = take(rest, '\n');
  const std::string_view body = take(rest, '\0');
  const Classification what = Rules::builtin().classify(request);
  Captured captured;
  captured.request_content_type = type;
  captured.status = status.empty() ? 200 : static_cast<unsigned>(status[0]) * 10;
  captured.request_body = body;
  captured.response_body = rest;
  captured.before_body = rest;
  const Interpretation told = Rules::builtin().interpret(request, what, captured);
  if (what.resource.empty() || told.action.empty()) std::abort();
  must_be_json(what.detail);
  must_be_json(told.detail);
  if (told.message) must_be_json(*told.message);
  for (const auto& object : told.touched) {
    must_be_json(object.detail);
    if (object.before) must_be_json(*object.before);
    if (object.after) must_be_json(*object.after);
  }
  // Text is kept byte for byte, so only text can be asked to stay text.
  const std::string source = redact_yaml(body);
  if (daybook::is_utf8(body)) must_be_json(source);
  return 0;
}
