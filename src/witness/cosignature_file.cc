// SPDX-License-Identifier: Apache-2.0
#include "cosignature_file.h"

#include <fmt/format.h>

#include <utility>

#include "daybook/core/bytes.h"

#include "protocol.h"

namespace daybook::witness {
namespace {

constexpr std::uint64_t kFileBytesMax = 64 * 1024;

}  // namespace

FileSystem::Path cosignature_file(const FileSystem::Path& dir,
                                  const crypto::NoteVerifier& witness) {
  return dir / fmt::format("{:08x}", witness.id());
}

Result<std::optional<LastCosigned>> read_cosignature(FileSystem& fs, const FileSystem::Path& dir,
                                                     const crypto::NoteVerifier& witness) {
  const FileSystem::Path path = cosignature_file(dir, witness);
  const Result<Bytes> bytes = read_file(fs, path, kFileBytesMax);
  if (!bytes && bytes.error().code == Errc::not_found) return std::optional<LastCosigned>();
  if (!bytes) return bytes.error();
  const Result<crypto::Note> note = crypto::open_note(as_text(*bytes), {witness});
  if (!note) return Error{Errc::corrupt, note.error().context, path.string()};
  Result<ledger::Checkpoint> checkpoint = ledger::parse_checkpoint_text(note->text);
  if (!checkpoint) return Error{Errc::corrupt, checkpoint.error().context, path.string()};
  return std::optional(
      LastCosigned{*std::move(checkpoint), note->text, note->signatures.front().line});
}

Status write_cosignature(FileSystem& fs, const FileSystem::Path& dir,
                         const crypto::NoteVerifier& witness, const LastCosigned& last) {
  DAYBOOK_RETURN_IF_ERROR(fs.make_dir(dir));
  const std::string note = with_line(last.text + "\n", last.line);
  return write_file_atomic(fs, cosignature_file(dir, witness), as_bytes(note));
}

}  // namespace daybook::witness
