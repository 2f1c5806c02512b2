// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "daybook/core/check.h"
#include "daybook/core/clock.h"
#include "daybook/core/metrics.h"
#include "daybook/core/random.h"
#include "daybook/ledger/key_rotation.h"
#include "daybook/ledger/ledger.h"

#include "examine.h"
#include "tree_tiles.h"

namespace daybook::ledger {

namespace {

// A running server signs within Ledger::Options::checkpoint_interval_ms; this allows for a busy
// disk.
constexpr std::chrono::milliseconds kWaitForServer{3000};
constexpr std::chrono::milliseconds kPollEvery{50};

Status write_file(FileSystem& fs, const FileSystem::Path& path, ByteSpan bytes) {
  DAYBOOK_RETURN_IF_ERROR(fs.make_dir(path.parent_path()));
  DAYBOOK_ASSIGN_OR_RETURN(const auto file, fs.open(path, OpenMode::create_new));
  return file->write_at(0, bytes);
}

// Size of the latest signed checkpoint on disk.
Result<std::uint64_t> sealed_size(FileSystem& fs, const FileSystem::Path& data_dir) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto file,
                           fs.open(data_dir / kLedgerDir / kCheckpointsFile, OpenMode::read));
  std::uint64_t size = 0;
  DAYBOOK_ASSIGN_OR_RETURN(const auto walk, walk_checkpoints(*file,
                                                             [&size](const CheckpointFrame&,
                                                                     const Checkpoint& checkpoint,
                                                                     std::uint64_t) -> Status {
                                                               size = checkpoint.size.value();
                                                               return {};
                                                             }));
  if (walk.end == 0) return Error{Errc::corrupt, "head damaged", in_ledger(kCheckpointsFile), 0};
  return size;
}

Status wait_for_server(FileSystem& fs, const FileSystem::Path& data_dir) {
  Examination now(fs, data_dir, {});
  DAYBOOK_RETURN_IF_ERROR(now.run());
  const auto until = std::chrono::steady_clock::now() + kWaitForServer;
  for (;;) {
    DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t sealed, sealed_size(fs, data_dir));
    if (sealed >= now.range.size()) return {};
    if (std::chrono::steady_clock::now() >= until) {
      return Error{Errc::timeout, "the running server published no checkpoint over all entries"};
    }
    std::this_thread::sleep_for(kPollEvery);
  }
}

// Sees to it that a checkpoint covers every entry that is durable now.
Status cover_all(FileSystem& fs, const FileSystem::Path& data_dir,
                 const FileSystem::Path& keys_dir) {
  Metrics metrics;
  Ledger::Options options;
  options.keys_dir = keys_dir;
  auto ledger = Ledger::open(fs, data_dir, options, system_clock(), system_random(), metrics);
  if (ledger) return (*ledger)->close();
  if (ledger.error().code == Errc::unavailable) return wait_for_server(fs, data_dir);
  return ledger.error();
}

}  // namespace

Result<std::uint64_t> export_static(FileSystem& fs, const FileSystem::Path& data_dir,
                                    const FileSystem::Path& out, const FileSystem::Path& keys_dir) {
  DAYBOOK_RETURN_IF_ERROR(fs.make_dir(out));
  DAYBOOK_ASSIGN_OR_RETURN(const auto present, fs.list(out));
  if (!present.empty()) return Error{Errc::exists, "the directory is not empty", out.string()};

  // After a clean stop everything is covered, and the signing key is not needed.
  const auto marker = read_marker(fs, data_dir);
  const auto identity = read_identity(fs, data_dir);
  if (!marker || marker->has_value() || !identity) {
    DAYBOOK_RETURN_IF_ERROR(cover_all(fs, data_dir, keys_dir));
  }

  TreeTiles tiles([&](const TileName& name, const Bytes& bytes) {
    return write_file(fs, out / tile_path(name), bytes);
  });
  Examination* reading = nullptr;
  Examination::Options how;
  how.on_leaf = [&](std::uint64_t index, const Hash& leaf,
                    const record::Commitments& commitments) -> Status {
    const std::uint64_t size =
        reading->checkpoints ? reading->checkpoints->latest().size.value() : 0;
    if (index >= size) return {};
    return tiles.push(leaf, record::leaf_data(commitments));
  };
  Examination found(fs, data_dir, std::move(how));
  reading = &found;
  DAYBOOK_RETURN_IF_ERROR(found.run());
  if (!found.failures.empty()) {
    const VerifyFailure& first = found.failures.front();
    return Error{Errc::corrupt, first.what, first.file, first.offset};
  }
  DAYBOOK_RETURN_IF_ERROR(tiles.finish());

  const PublishedCheckpoint latest = found.checkpoints->latest();
  DAYBOOK_CHECK(tiles.range().root() == latest.root);
  std::string keys;
  for (const std::string& vkey : found.identity->vkeys) keys += vkey + "\n";
  DAYBOOK_RETURN_IF_ERROR(write_file(fs, out / "key", as_bytes(keys)));
  if (!found.identity->rotations.empty()) {
    const std::string text = rotations_text(found.identity->rotations);
    DAYBOOK_RETURN_IF_ERROR(write_file(fs, out / kRotationsPath, as_bytes(text)));
  }
  // Last, so that a reader of a half-made copy finds no checkpoint that promises more.
  DAYBOOK_RETURN_IF_ERROR(write_file_atomic(fs, out / "checkpoint", as_bytes(latest.note)));
  return latest.size.value();
}

}  // namespace daybook::ledger
