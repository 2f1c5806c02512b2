// SPDX-License-Identifier: Apache-2.0
#include "key_ring.h"

#include <utility>

#include "daybook/core/diagnostics.h"

namespace daybook::ledger {

namespace {

Status put_identity(FileSystem& fs, const FileSystem::Path& data_dir, const Identity& identity) {
  return put_ledger_file(fs, data_dir, kIdentityFile, as_bytes(encode_identity(identity)));
}

}  // namespace

KeyRing::KeyRing(FileSystem& fs, FileSystem::Path data_dir, FileSystem::Path keys_dir,
                 Identity identity, StoredKeys keys, const Clock& clock, Random& random)
    : fs_(fs),
      data_dir_(std::move(data_dir)),
      keys_dir_(std::move(keys_dir)),
      clock_(clock),
      random_(random),
      identity_(std::move(identity)),
      keys_(std::move(keys)) {}

Result<std::unique_ptr<KeyRing>> KeyRing::open(FileSystem& fs, FileSystem::Path data_dir,
                                               FileSystem::Path keys_dir, Identity identity,
                                               const Clock& clock, Random& random) {
  DAYBOOK_ASSIGN_OR_RETURN(StoredKeys keys, load_keys(fs, keys_dir));
  const std::string& current = identity.vkeys.front();
  const bool turned = keys.next && keys.next->signer.verifier().vkey() == current;
  if (turned) {
    // Known by its name only so far: make certain before the old key stops to be the first.
    DAYBOOK_RETURN_IF_ERROR(put_identity(fs, data_dir, identity));
    const UnixMillis until = keys.next_until;
    SigningKey next = *std::move(keys.next);
    keys.next.reset();
    keys.previous.emplace(std::exchange(keys.current, std::move(next)));
    keys.previous_until = until;
    DAYBOOK_RETURN_IF_ERROR(store_keys(fs, keys_dir, keys));
  }
  if (keys.current.signer.verifier().vkey() != current) {
    return Error{Errc::invalid, "the signing key is not the one of this ledger",
                 (keys_dir / kSigningKeyFile).string()};
  }
  return std::unique_ptr<KeyRing>(new KeyRing(fs, std::move(data_dir), std::move(keys_dir),
                                              std::move(identity), std::move(keys), clock, random));
}

std::vector<std::string> KeyRing::rotations() const {
  const std::scoped_lock lock(mutex_);
  return identity_.rotations;
}

std::vector<std::string> KeyRing::vkeys() const {
  const std::scoped_lock lock(mutex_);
  return identity_.vkeys;
}

Result<std::string> KeyRing::sign(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  drop_expired();
  write_if_changed();
  std::vector<const crypto::NoteSigner*> signers{&keys_.current.signer};
  if (keys_.previous) signers.push_back(&keys_.previous->signer);
  return crypto::sign_note(text, signers);
}

void KeyRing::drop_expired() {
  if (!keys_.previous || clock_.now() < keys_.previous_until) return;
  keys_.previous.reset();
  changed_ = true;
}

// What is in force does not wait for this file: it is written when it can be, and whatever it holds
// until then opens the ledger.
void KeyRing::write_if_changed() {
  if (!changed_) return;
  if (const Status stored = store_keys(fs_, keys_dir_, keys_); !stored) {
    diagnose(Severity::error, "ledger",
             "the signing keys could not be written: " + stored.error().context);
    return;
  }
  changed_ = false;
}

// A successor that an earlier attempt has made is taken again: the identity on disk may name it.
Status KeyRing::make_successor() {
  if (keys_.next) return {};
  DAYBOOK_ASSIGN_OR_RETURN(crypto::Ed25519Key key, crypto::Ed25519Key::generate(random_));
  DAYBOOK_ASSIGN_OR_RETURN(auto made, signing_key(identity_.origin, std::move(key)));
  keys_.next.emplace(std::move(made));
  return {};
}

Result<SigningKeys::Rotated> KeyRing::rotate(std::int64_t overlap_ms) {
  const std::scoped_lock lock(mutex_);
  drop_expired();
  if (keys_.previous) {
    return Error{Errc::exists, "the last rotation is not over: both keys sign until " +
                                   format_time(keys_.previous_until)};
  }
  if (identity_.rotations.size() >= kRotationsMax) {
    return Error{Errc::exhausted, "this ledger has had as many keys as it may have"};
  }
  DAYBOOK_RETURN_IF_ERROR(make_successor());
  const UnixMillis now = clock_.now();
  keys_.next_until = now + overlap_ms;
  Rotated out{identity_.vkeys.front(), keys_.next->signer.verifier().vkey(), keys_.next_until, {}};
  DAYBOOK_ASSIGN_OR_RETURN(out.statement,
                           sign_rotation({identity_.origin, out.old_key, out.new_key, now},
                                         keys_.current.signer, keys_.next->signer));
  Identity turned = identity_;
  turned.vkeys.insert(turned.vkeys.begin(), out.new_key);
  turned.rotations.push_back(out.statement);

  DAYBOOK_RETURN_IF_ERROR(store_keys(fs_, keys_dir_, keys_));
  DAYBOOK_RETURN_IF_ERROR(put_identity(fs_, data_dir_, turned));
  identity_ = std::move(turned);
  SigningKey next = *std::move(keys_.next);
  keys_.next.reset();
  keys_.previous.emplace(std::exchange(keys_.current, std::move(next)));
  keys_.previous_until = out.both_until;
  changed_ = true;
  write_if_changed();
  return out;
}

}  // namespace daybook::ledger
