// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "daybook/crypto/sha256.h"
#include "daybook/ledger/key_rotation.h"
#include "daybook/ledger/verify.h"

#include "saved_checkpoint.h"
#include "tree_tiles.h"

namespace daybook::ledger {

namespace {

constexpr std::size_t kFailuresMax = 100;

Hash leaf_hash_of(ByteSpan data) {
  return crypto::Sha256().update(std::uint8_t{0}).update(data).finish();
}

// Entries of a bundle, each behind its 16-bit length. nullopt unless there are exactly `count`.
std::optional<std::vector<ByteSpan>> split_bundle(ByteSpan bundle, unsigned count) {
  std::vector<ByteSpan> entries;
  while (!bundle.empty() && entries.size() < count) {
    if (bundle.size() < 2) return std::nullopt;
    const std::size_t length = static_cast<std::size_t>(bundle[0]) << 8U | bundle[1];
    if (bundle.size() - 2 < length) return std::nullopt;
    entries.push_back(bundle.subspan(2, length));
    bundle = bundle.subspan(2 + length);
  }
  if (!bundle.empty() || entries.size() != count) return std::nullopt;
  return entries;
}

class PublishedCheck {
 public:
  PublishedCheck(const Fetch& fetch, const VerifyOptions& options)
      : fetch_(fetch), options_(options) {}

  Result<VerifyReport> run() {
    DAYBOOK_ASSIGN_OR_RETURN(const Bytes note, fetch_("checkpoint"));
    std::vector<crypto::NoteVerifier> keys = options_.keys;
    if (keys.empty()) {
      DAYBOOK_ASSIGN_OR_RETURN(keys, fetch_keys());
    }
    auto checkpoint = open_checkpoint(as_text(note), keys);
    if (!checkpoint && !options_.keys.empty()) {
      // The given key may have given way to another since.
      DAYBOOK_ASSIGN_OR_RETURN(keys, fetch_successors(std::move(keys)));
      checkpoint = open_checkpoint(as_text(note), keys);
    }
    for (const auto& key : keys) report_.keys.push_back(key.vkey());
    if (!checkpoint) {
      fail("checkpoint", {}, {}, checkpoint.error().context);
      return std::move(report_);
    }
    report_.origin = checkpoint->origin;
    if (!options_.saved_checkpoint.empty()) saved_.emplace(options_.saved_checkpoint, keys);
    DAYBOOK_RETURN_IF_ERROR(read_tree(checkpoint->size.value()));
    if (report_.failures.empty() && report_.root != checkpoint->root) {
      fail("checkpoint", {}, {}, "the root is not that of the entries");
    }
    if (saved_ && report_.failures.empty()) {
      report_.anchored_to = saved_->anchored_to(report_.origin);
      if (!report_.anchored_to) fail(saved_->name(), {}, {}, saved_->what());
    }
    report_.ok = report_.failures.empty();
    return std::move(report_);
  }

 private:
  void fail(std::string file, std::optional<std::uint64_t> offset,
            std::optional<std::uint64_t> index, std::string what) {
    if (report_.failures.size() < kFailuresMax) {
      report_.failures.push_back({std::move(file), offset, index, std::move(what)});
    }
  }

  static std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      lines.emplace_back(text.substr(0, end));
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return lines;
  }

  Result<std::vector<crypto::NoteVerifier>> fetch_keys() {
    DAYBOOK_ASSIGN_OR_RETURN(const Bytes text, fetch_("key"));
    return verifiers_of(lines_of(as_text(text)));
  }

  Result<std::vector<crypto::NoteVerifier>> fetch_successors(
      std::vector<crypto::NoteVerifier> keys) {
    const auto text = fetch_(std::string(kRotationsPath));
    if (!text && text.error().code == Errc::not_found) return keys;
    if (!text) return text.error();
    std::vector<std::string> statements;
    for (const std::string& line : lines_of(as_text(*text))) {
      if (const auto note = from_base64(line)) statements.emplace_back(as_text(*note));
    }
    return with_successors(std::move(keys), statements);
  }

  // Reads bundle by bundle, makes every tile from what they hold and holds the published ones
  // against that.
  Status read_tree(std::uint64_t size) {
    TreeTiles tiles([this](const TileName& name, const Bytes& expected) -> Status {
      return name.entries ? Status{} : compare(name, expected);
    });
    for (std::uint64_t first = 0; first < size; first += kTileWidth) {
      TileName name;
      name.entries = true;
      name.number = first / kTileWidth;
      name.width = static_cast<unsigned>(std::min(kTileWidth, size - first));
      DAYBOOK_ASSIGN_OR_RETURN(const auto bundle, fetch_tile(name));
      if (!bundle) return {};  // Told already; nothing behind it can be checked.
      const auto entries = split_bundle(*bundle, name.width);
      if (!entries) {
        fail(tile_path(name), {}, first, "bundle malformed or cut");
        return {};
      }
      for (const ByteSpan data : *entries) {
        const Hash leaf = leaf_hash_of(data);
        if (saved_) saved_->append(leaf);
        DAYBOOK_RETURN_IF_ERROR(tiles.push(leaf, data));
      }
      if (options_.progress) options_.progress(tiles.range().size(), size);
    }
    DAYBOOK_RETURN_IF_ERROR(tiles.finish());
    report_.tree_size = tiles.range().size();
    report_.root = tiles.range().root();
    return {};
  }

  Status compare(const TileName& name, const Bytes& expected) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto tile, fetch_tile(name));
    if (!tile || *tile == expected) return {};
    const auto differs =
        std::mismatch(tile->begin(), tile->end(), expected.begin(), expected.end());
    const auto at = static_cast<std::uint64_t>(differs.first - tile->begin());
    std::optional<std::uint64_t> index;
    if (name.level == 0)
      index = name.number * kTileWidth + std::min<std::uint64_t>(at / 32, name.width - 1);
    fail(tile_path(name), at, index, "tile does not match the entries");
    return {};
  }

  // nullopt, and a failure, if it is not there. A partial tile may have given way to the full one.
  Result<std::optional<Bytes>> fetch_tile(const TileName& name) {
    auto found = fetch_(tile_path(name));
    if (!found && found.error().code == Errc::not_found && name.width < kTileWidth) {
      TileName full = name;
      full.width = kTileWidth;
      found = fetch_(tile_path(full));
      if (found) trim(*found, name);
    }
    if (!found && found.error().code != Errc::not_found) return found.error();
    if (!found) {
      std::optional<std::uint64_t> index;
      if (name.entries) index = name.number * kTileWidth;
      fail(tile_path(name), {}, index, "missing");
      return std::optional<Bytes>{};
    }
    return std::optional<Bytes>(*std::move(found));
  }

  static void trim(Bytes& full, const TileName& name) {
    std::size_t keep = std::size_t{name.width} * 32;
    if (name.entries) {
      keep = 0;
      for (unsigned n = 0; n < name.width && keep + 2 <= full.size(); ++n) {
        keep += 2 + (static_cast<std::size_t>(full[keep]) << 8U | full[keep + 1]);
      }
    }
    if (keep < full.size()) full.resize(keep);
  }

  const Fetch& fetch_;
  const VerifyOptions& options_;
  VerifyReport report_;
  std::optional<SavedCheckpoint> saved_;
};

}  // namespace

Result<VerifyReport> verify_published(const Fetch& fetch, const VerifyOptions& options) {
  return PublishedCheck(fetch, options).run();
}

}  // namespace daybook::ledger
