// SPDX-License-Identifier: Apache-2.0
#include "verify_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/ledger/tile.h"
#include "daybook/record/json.h"
#include "daybook/record/parts.h"

#include "http_json.h"

namespace daybook::app {
namespace {

using ledger::VerifyReport;
using record::Json;

constexpr std::size_t kFailuresMax = 100;

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object.at(key).is_string()) return {};
  return object.at(key).get<std::string>();
}

// What is wrong with a part, or nothing. Counts erased parts.
std::string wrong_with_part(const Json& part, record::Part which, Hash& commitment,
                            std::uint64_t& erased) {
  const auto stated = hash_from_hex(text_at(part, "commitment"));
  if (!stated) return "its commitment is not 64 hex digits";
  commitment = *stated;
  if (text_at(part, "state") == "erased") {
    ++erased;
    return {};
  }
  const auto salt = from_base64(text_at(part, "salt"));
  const auto bytes = from_base64(text_at(part, "bytes"));
  if (!salt || salt->size() != 16 || !bytes)
    return "its salt or bytes are not base64 of the right length";
  record::Salt fixed{};
  std::copy(salt->begin(), salt->end(), fixed.begin());
  if (record::commit(which, fixed, as_text(*bytes)) != commitment)
    return "its bytes do not match its commitment";
  return {};
}

void check_entry(const Json& entry, std::uint64_t expected, const std::vector<Hash>& leaves,
                 VerifyReport& report) {
  const auto fail = [&](std::string what) {
    if (report.failures.size() < kFailuresMax) {
      report.failures.push_back({.file = "api/v1/auditlogs/entries",
                                 .offset = {},
                                 .index = expected,
                                 .what = std::move(what)});
    }
  };
  if (!entry.is_object() || !entry.contains("index") || entry.at("index") != expected ||
      !entry.contains("parts")) {
    fail("the entry is missing or out of order");
    return;
  }
  record::Commitments commitments{};
  for (const auto& [name, which] : record::kParts) {
    const auto& parts = entry.at("parts");
    const auto wrong =
        parts.is_object() && parts.contains(name)
            ? wrong_with_part(parts.at(name), which,
                              commitments[static_cast<std::size_t>(which) - 1], report.erased)
            : std::string("it is missing");
    if (!wrong.empty()) fail(fmt::format("{} part: {}", name, wrong));
  }
  const auto leaf = record::leaf_hash(commitments);
  if (leaf != leaves[expected % leaves.size()]) fail("the leaf hash is not the one in the tree");
}

Status check_entries(const HttpJson& server, VerifyReport& report, const ledger::Fetch& fetch) {
  for (std::uint64_t from = 0; from < report.tree_size; from += ledger::kTileWidth) {
    const auto width = std::min(ledger::kTileWidth, report.tree_size - from);
    const ledger::TileName name{.entries = false,
                                .level = 0,
                                .number = from / ledger::kTileWidth,
                                .width = static_cast<unsigned>(width)};
    DAYBOOK_ASSIGN_OR_RETURN(const Bytes tile, fetch(ledger::tile_path(name)));
    std::vector<Hash> leaves(width);
    if (tile.size() != width * sizeof(Hash))
      return Error{.code = Errc::corrupt, .context = "a tile changed its size"};
    for (std::size_t i = 0; i < width; ++i) {
      std::copy_n(tile.begin() + static_cast<std::ptrdiff_t>(i * sizeof(Hash)), sizeof(Hash),
                  leaves[i].begin());
    }
    leaves.resize(ledger::kTileWidth);
    DAYBOOK_ASSIGN_OR_RETURN(
        const net::Response answer,
        server.get(fmt::format("/api/v1/auditlogs/entries?from={}&limit={}", from, width)));
    if (answer.head.status != 200) return error_of(answer);
    std::string_view rest = answer.body;
    for (std::uint64_t i = 0; i < width; ++i) {
      const auto end = rest.find('\n');
      const auto line = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      const auto entry = record::parse_json(line);
      check_entry(entry ? *entry : Json(), from + i, leaves, report);
    }
  }
  return {};
}

}  // namespace

Result<VerifyReport> verify_url(const std::string& url, const std::string& token,
                                const ledger::VerifyOptions& options) {
  const HttpJson server(url, token);
  const ledger::Fetch fetch = [&server](const std::string& path) -> Result<Bytes> {
    DAYBOOK_ASSIGN_OR_RETURN(const net::Response answer, server.get("/tlog/" + path));
    if (answer.head.status != 200) return error_of(answer);
    const auto bytes = as_bytes(answer.body);
    return Bytes(bytes.begin(), bytes.end());
  };
  DAYBOOK_ASSIGN_OR_RETURN(VerifyReport report, ledger::verify_published(fetch, options));
  if (report.ok && !token.empty()) {
    DAYBOOK_RETURN_IF_ERROR(check_entries(server, report, fetch));
    report.ok = report.failures.empty();
  }
  return report;
}

}  // namespace daybook::app
