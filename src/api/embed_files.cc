// SPDX-License-Identifier: Apache-2.0
// Build-time tool: packs openapi.yaml and the built web UI into one file, and writes the C++ that
// pulls it into the binary and says where each file lies.
//   embed_files OUT.cc OUT.bin openapi.yaml DIST_DIR
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNotBuilt =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>daybook</title>"
    "<p>This daybook was built without its web UI.</p></html>\n";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "cannot read " << path << "\n";
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string gzip(const std::string& text) {
  z_stream z{};
  constexpr int with_gzip_header = 15 + 16;
  if (deflateInit2(&z, 9, Z_DEFLATED, with_gzip_header, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    std::exit(1);
  }
  std::string out(deflateBound(&z, text.size()), '\0');
  std::string in = text;
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
    std::exit(1);
  }
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string_view type_of(const std::string& path) {
  static const std::map<std::string, std::string_view, std::less<>> types = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"}};
  const auto at = types.find(fs::path(path).extension().string());
  return at == types.end() ? "application/octet-stream" : at->second;
}

std::map<std::string, std::string> files_below(const fs::path& dist) {
  std::map<std::string, std::string> files;
  if (fs::is_directory(dist)) {
    for (const auto& entry : fs::recursive_directory_iterator(dist)) {
      if (entry.is_regular_file()) {
        files[fs::relative(entry.path(), dist).generic_string()] = read(entry.path());
      }
    }
  }
  if (files.find("index.html") == files.end()) {
    files = {{"index.html", std::string(kNotBuilt)}};
  }
  return files;
}

// Appends to the packed file; the C++ expression of where.
std::string place(std::string& pack, const std::string& bytes) {
  const std::string at =
      "at(" + std::to_string(pack.size()) + ", " + std::to_string(bytes.size()) + ")";
  pack += bytes;
  return at;
}

std::string source_of(const fs::path& pack_path, const std::string& rows, std::size_t count,
                      const std::string& openapi) {
  return "// Made by embed_files.cc.\n"
         "#include <array>\n#include <cstddef>\n\n#include \"web_files.h\"\n\n"
         "__asm__(\".section .rodata\\n\"\n"
         "        \"daybook_embedded:\\n.incbin \\\"" +
         pack_path.generic_string() +
         "\\\"\\n\"\n"
         "        \".byte 0\\n.previous\\n\");\n"
         "extern \"C\" __attribute__((visibility(\"hidden\"))) const char daybook_embedded[];\n\n"
         "namespace daybook::api {\nnamespace {\n\n"
         "std::string_view at(std::size_t offset, std::size_t size) {\n"
         "  return {daybook_embedded + offset, size};\n}\n\n}  // namespace\n\n"
         "std::span<const WebFile> web_files() {\n"
         "  static const std::array<WebFile, " +
         std::to_string(count) + "> files = {{\n" + rows +
         "  }};\n  return files;\n}\n\n"
         "std::string_view openapi_document() { return " +
         openapi +
         "; }\n\n"
         "}  // namespace daybook::api\n";
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) {
    std::cerr << "cannot write " << path << "\n";
    std::exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "use: embed_files OUT.cc OUT.bin openapi.yaml DIST_DIR\n";
    return 2;
  }
  const std::map<std::string, std::string> files = files_below(argv[4]);
  std::string pack;
  std::string rows;
  for (const auto& [path, bytes] : files) {
    std::string packed = gzip(bytes);
    if (packed.size() * 10 >= bytes.size() * 9) {
      packed.clear();
    }
    const std::string identity = place(pack, bytes);
    rows += "      {\"" + path + "\", \"" + std::string(type_of(path)) + "\", " + identity + ", " +
            place(pack, packed) + "},\n";
  }
  const std::string openapi = place(pack, read(argv[3]));
  write(argv[2], pack);
  write(argv[1], source_of(argv[2], rows, files.size(), openapi));
  return 0;
}
