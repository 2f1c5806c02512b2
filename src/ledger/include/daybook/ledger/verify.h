// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

namespace daybook::ledger {

// One thing that is wrong.
struct VerifyFailure {
  std::string file;  // Relative to the data directory, or the URL's path.
  std::optional<std::uint64_t> offset;
  std::optional<std::uint64_t> index;
  std::string what;
};

struct VerifyReport {
  bool ok = false;
  std::uint64_t tree_size = 0;
  Hash root{};
  std::string origin;
  std::vector<std::string> keys;
  std::optional<std::uint64_t> anchored_to;
  std::uint64_t erased = 0;
  std::uint64_t torn_tail_bytes = 0;
  std::vector<VerifyFailure> failures;  // At most 100.
};

struct VerifyOptions {
  std::vector<crypto::NoteVerifier> keys;  // Empty: the directory's own key, which the report says.
  std::string saved_checkpoint;            // A signed note kept outside, or empty.
  // Only what came after the saved checkpoint: of segments that it covers whole no entry is read,
  // but their roots have to lead to the checkpoint's. Of a directory; elsewhere it changes nothing.
  bool since_saved = false;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // Entries; may be empty.
};

// Checks every byte under `data_dir`/ledger: chain, checksums, commitments, leaves, tree, every
// checkpoint and their consistency. Reads only, takes no lock, may run beside a server. Damage is a
// failure in the report; an Error only if the directory cannot be read at all (Errc::not_found,
// Errc::io).
Result<VerifyReport> verify_directory(FileSystem& fs, const FileSystem::Path& data_dir,
                                      const VerifyOptions& options);

// Fetches `path` (`checkpoint`, `tile/…`, `key`) of a log. Errc::not_found for 404.
using Fetch = std::function<Result<Bytes>(const std::string& path)>;
// Checks a published log from its tiles and bundles alone.
Result<VerifyReport> verify_published(const Fetch& fetch, const VerifyOptions& options);

// Writes `checkpoint`, `tile/…`, `key` of the ledger in `data_dir` to `out` (missing or empty
// directory). Covers every entry that is durable now: after an unclean stop it opens the ledger to
// sign (with the key in `keys_dir`, empty = `<data>/keys`), beside a running server it waits for
// its next checkpoint, at most 3 s (Errc::timeout). Errc::exists if `out` is not empty,
// Errc::corrupt if the ledger is damaged. Returns the size.
Result<std::uint64_t> export_static(FileSystem& fs, const FileSystem::Path& data_dir,
                                    const FileSystem::Path& out,
                                    const FileSystem::Path& keys_dir = {});

}  // namespace daybook::ledger
