// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/percent.h"

#include "operations.h"
#include "web_files.h"

namespace daybook::api {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "form-action 'self'; require-trusted-types-for 'script'";
constexpr std::string_view kIndex = "index.html";

const WebFile* find_file(std::string_view path) {
  const auto files = web_files();
  const auto at = std::find_if(files.begin(), files.end(),
                               [&](const WebFile& file) { return file.path == path; });
  return at == files.end() ? nullptr : &*at;
}

// Routes of the page itself have no extension; they all are index.html.
const WebFile* file_for(std::string_view path) {
  if (const WebFile* file = find_file(path)) {
    return file;
  }
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return last.find('.') == std::string_view::npos ? find_file(kIndex) : nullptr;
}

// `gzip` in Accept-Encoding, unless with q=0.
bool takes_gzip(const net::Headers& headers) {
  for (const std::string_view value : headers.get_all("Accept-Encoding")) {
    const std::size_t at = value.find("gzip");
    if (at == std::string_view::npos) {
      continue;
    }
    const std::string_view rest = value.substr(at + 4, value.find(',', at) - at - 4);
    if (rest.find("q=0") == std::string_view::npos || rest.find("q=0.") != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// Below a prefix the page's own absolute links must carry it.
std::string with_prefix(std::string_view html, const std::string& prefix) {
  constexpr std::string_view link = "=\"/ui/";
  std::string out;
  for (std::size_t at = html.find(link); at != std::string_view::npos; at = html.find(link)) {
    out += html.substr(0, at);
    out += "=\"" + prefix + "/ui/";
    html.remove_prefix(at + link.size());
  }
  out += html;
  return out;
}

}  // namespace

Answer<net::Response> redirect_to_ui(Call& call) {
  net::Response response;
  response.head.status = 302;
  response.head.headers.add("Location", call.prefix + "/ui/");
  return response;
}

Answer<net::Response> ui(Call& call) {
  const std::string path = percent_decode(call.match.rest, false);
  const WebFile* file = file_for(path);
  if (file == nullptr) {
    return tl::unexpected(HttpError{404, "no such page"});
  }
  const bool index = file->path == kIndex;
  const bool packed = !file->gzip.empty() && takes_gzip(call.exchange.head().headers) &&
                      !(index && !call.prefix.empty());
  std::string body(packed ? file->gzip : file->identity);
  if (index && !call.prefix.empty()) {
    body = with_prefix(file->identity, call.prefix);
  }
  net::Response response = text_response(200, std::string(file->content_type), std::move(body));
  net::Headers& headers = response.head.headers;
  if (packed) {
    headers.add("Content-Encoding", "gzip");
  }
  headers.add("Vary", "Accept-Encoding");
  headers.add("Cache-Control", file->path.starts_with("assets/")
                                   ? "public, max-age=31536000, immutable"
                                   : "no-cache");
  headers.add("Content-Security-Policy", std::string(kPolicy));
  headers.add("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace daybook::api
