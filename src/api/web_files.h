// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace daybook::api {

// A file of the web UI as it lies in the binary.
struct WebFile {
  std::string_view path;  // Relative to /ui/, `index.html`, `assets/x.js`.
  std::string_view content_type;
  std::string_view identity;
  std::string_view gzip;  // Empty if packing saves nothing.
};

// Sorted by path. Without a built UI: one index.html that says so. Made by embed_files.cc at build
// time, like openapi_document().
[[nodiscard]] std::span<const WebFile> web_files();
[[nodiscard]] std::string_view openapi_document();

}  // namespace daybook::api
