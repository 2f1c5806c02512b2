// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/ledger/key_rotation.h"

#include "ledger_files.h"
#include "signing_key.h"

namespace daybook::ledger {

// Private keys and identity of an open ledger, kept in step on disk. The order of a rotation: the
// new key beside the old one in `ledger.key`; the identity that names it first (from here on it
// counts); then the new key first in `ledger.key`. Threads: any.
class KeyRing final : public SigningKeys {
 public:
  // Of an initialised ledger; finishes a rotation that a crash interrupted. Errc::invalid if the
  // keys are not those of the identity.
  static Result<std::unique_ptr<KeyRing>> open(FileSystem& fs, FileSystem::Path data_dir,
                                               FileSystem::Path keys_dir, Identity identity,
                                               const Clock& clock, Random& random);

  // The note of a checkpoint's text, signed by every key that signs now.
  Result<std::string> sign(std::string_view text);

  Result<Rotated> rotate(std::int64_t overlap_ms) override;
  [[nodiscard]] std::vector<std::string> rotations() const override;
  [[nodiscard]] std::vector<std::string> vkeys() const;  // Current first.

 private:
  KeyRing(FileSystem& fs, FileSystem::Path data_dir, FileSystem::Path keys_dir, Identity identity,
          StoredKeys keys, const Clock& clock, Random& random);
  void drop_expired();
  void write_if_changed();
  Status make_successor();

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  const FileSystem::Path keys_dir_;
  const Clock& clock_;
  Random& random_;
  mutable std::mutex mutex_;
  Identity identity_;
  StoredKeys keys_;
  bool changed_ = false;  // keys_ differs from the file.
};

}  // namespace daybook::ledger
