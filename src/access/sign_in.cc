// SPDX-License-Identifier: Apache-2.0
#include "sign_in.h"

#include <algorithm>

#include "daybook/core/diagnostics.h"
#include "daybook/crypto/password.h"
#include "daybook/crypto/sha256.h"

#include "access_events.h"

namespace daybook::access {
namespace {

constexpr std::size_t kPasswordBytesMax = 1'024;
constexpr std::size_t kNameHashBytes = 8;

std::int64_t to_seconds(std::int64_t ms) {
  return std::max<std::int64_t>(1, (ms + 999) / 1'000);
}

AuthResult verdict(Verdict word) {
  AuthResult result;
  result.verdict = word;
  return result;
}

AuthResult granted(Principal principal) {
  AuthResult result = verdict(Verdict::ok);
  result.principal = std::move(principal);
  return result;
}

// Accounts cannot be read just now: neither yes nor no.
AuthResult not_now(const Error& error) {
  diagnose(Severity::error, "access", "cannot read accounts: " + error.context);
  AuthResult result = verdict(Verdict::busy);
  result.retry_after_s = 1;
  return result;
}

AuthResult locked(std::int64_t ms) {
  AuthResult result = verdict(Verdict::locked);
  result.retry_after_s = to_seconds(ms);
  return result;
}

LoginGuard::Options guard_options(const AuthOptions& options) {
  LoginGuard::Options guard;
  guard.lock_after = options.lock_after;
  guard.window_ms = options.lock_window_ms;
  guard.duration_ms = options.lock_duration_ms;
  return guard;
}

}  // namespace

SignIn::SignIn(AccountStore& accounts, const Clock& clock, Random& random,
               const AuthOptions& options)
    : accounts_(accounts),
      clock_(clock),
      random_(random),
      guard_(guard_options(options)),
      throttle_(random),
      cache_(random, options.cache_ms) {}

std::optional<AuthResult> SignIn::decide_quickly(const PasswordAttempt& attempt) {
  const std::int64_t now = clock_.steady_ms();
  const Hash pair = pair_key("password", attempt.username, attempt.address);
  const auto found = accounts_.find_by_name(attempt.username);
  if (!found) return not_now(found.error());
  const Account* account = *found ? &(*found)->account : nullptr;

  const std::lock_guard lock(mutex_);
  const std::int64_t locked_ms = guard_.locked_ms(pair, now);
  if (locked_ms > 0) {
    AuthResult result = locked(locked_ms);
    throttle_.note(pair,
                   failure_event(account, attempt.username, record::ResultWord::denied,
                                 {attempt.address, attempt.user_agent}),
                   now, result.events);
    return result;
  }
  if (account == nullptr || (*found)->password_hash.empty()) return std::nullopt;
  const Hash mac = cache_.mac(account->id, (*found)->password_hash, attempt.password);
  if (!cache_.holds(account->id, mac, now)) return std::nullopt;
  return granted(principal_of(*account, std::nullopt));
}

AuthResult SignIn::decide_slowly(const PasswordAttempt& attempt) {
  // Again: earlier attempts of the queue may have locked the pair or filled the cache.
  if (auto result = decide_quickly(attempt)) return *std::move(result);
  const auto found = accounts_.find_by_name(attempt.username);
  if (!found) return not_now(found.error());
  const Account* account = *found ? &(*found)->account : nullptr;
  const bool has_password = account != nullptr && !(*found)->password_hash.empty();
  const std::string& hash = has_password ? (*found)->password_hash : dummy_hash();
  // A password that is too long for any account costs the same as one that is not.
  const auto typed = std::string_view(attempt.password).substr(0, kPasswordBytesMax);
  const bool matches = crypto::verify_password(typed, hash);
  const bool good = matches && has_password && attempt.password.size() <= kPasswordBytesMax;

  const std::int64_t now = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  if (good) {
    cache_.put(account->id, cache_.mac(account->id, hash, attempt.password), now);
    return granted(principal_of(*account, std::nullopt));
  }
  AuthResult result = verdict(Verdict::wrong);
  const Hash pair = pair_key("password", attempt.username, attempt.address);
  record::Event event = failure_event(account, attempt.username, record::ResultWord::failure,
                                      {attempt.address, attempt.user_agent});
  record::Event lock_event = event;
  throttle_.note(pair, std::move(event), now, result.events);
  if (guard_.note_wrong(pair, now)) {
    lock_event.id = random_base62(random_, lock_event.id.size());
    lock_event.action = "ACCOUNT_LOCKED";
    lock_event.result = record::ResultWord::denied;
    lock_event.detail["seconds"] = to_seconds(guard_.locked_ms(pair, now));
    result.events.push_back(std::move(lock_event));
  }
  return result;
}

AuthResult SignIn::decide_token(const std::string& token, const Credentials& from) {
  const auto found = accounts_.find_token(token);
  if (!found) return not_now(found.error());
  const bool expired = *found && (*found)->expires_at && *(*found)->expires_at <= clock_.now();
  if (*found && !expired) return granted(principal_of((*found)->account.account, (*found)->id));
  AuthResult result = verdict(Verdict::wrong);
  const Account* account = *found ? &(*found)->account.account : nullptr;
  record::Event event = failure_event(account, {}, record::ResultWord::failure,
                                      {from.remote_address, from.user_agent});
  event.detail["credential"] = "token";
  if (expired) event.detail["tokenId"] = (*found)->id;
  const Hash key = pair_key("token", account == nullptr ? "" : account->id, from.remote_address);
  const std::lock_guard lock(mutex_);
  throttle_.note(key, std::move(event), clock_.steady_ms(), result.events);
  return result;
}

AuthResult SignIn::refuse_malformed(const Credentials& from) {
  AuthResult result = verdict(Verdict::wrong);
  record::Event event = failure_event(nullptr, {}, record::ResultWord::failure,
                                      {from.remote_address, from.user_agent});
  event.detail["credential"] = "malformed";
  const Hash key = pair_key("malformed", "", from.remote_address);
  const std::lock_guard lock(mutex_);
  throttle_.note(key, std::move(event), clock_.steady_ms(), result.events);
  return result;
}

void SignIn::report_waiting(std::vector<record::Event>& out) {
  const std::lock_guard lock(mutex_);
  throttle_.flush(clock_.steady_ms(), out);
}

void SignIn::drain(std::vector<record::Event>& out) {
  const std::lock_guard lock(mutex_);
  throttle_.drain(out);
}

// What was typed is never stored: an account's id if there is one, else the keyed hash of the name.
record::Event SignIn::failure_event(const Account* account, const std::string& username,
                                    record::ResultWord result, const Origin& origin) {
  record::Event event = sign_in_event("LOGIN_FAILURE", result, clock_, random_);
  if (account != nullptr) {
    event.detail["id"] = account->id;
    event.actor_kind =
        account->service_account ? record::ActorKind::service_account : record::ActorKind::standard;
    event.actor.type = std::string(to_string(event.actor_kind));
    event.actor.user_id = account->id;
    event.actor.username = account->username;
    if (account->service_account) event.resource = "SERVICE_ACCOUNT";
  } else if (!username.empty()) {
    event.detail["id"] = hash_name(username);
  }
  set_origin(event, origin.address, origin.user_agent);
  return event;
}

std::string SignIn::hash_name(std::string_view name) const {
  const Hash hash = crypto::hmac_sha256(accounts_.name_key(), as_bytes(name));
  return "h:" + to_hex(ByteSpan(hash).first(kNameHashBytes));
}

const std::string& SignIn::dummy_hash() {
  if (dummy_hash_.empty()) {
    const auto made = crypto::hash_password(random_base62(random_, 22));
    if (made) dummy_hash_ = *made;
  }
  return dummy_hash_;
}

Hash SignIn::pair_key(std::string_view what, std::string_view name,
                      std::string_view address) const {
  crypto::Sha256 hash;
  for (const std::string_view part : {what, name, address}) {
    const Hash piece = crypto::hmac_sha256(accounts_.name_key(), as_bytes(part));
    hash.update(piece);
  }
  return hash.finish();
}

Principal SignIn::principal_of(const Account& account, std::optional<std::string> token_id) {
  Principal who;
  who.id = account.id;
  who.username = account.username;
  who.service_account = account.service_account;
  who.role = account.role;
  who.tenant = account.tenant;
  who.namespace_prefix = account.namespace_prefix;
  who.token_id = std::move(token_id);
  who.email = account.email;
  who.name = account.name;
  return who;
}

}  // namespace daybook::access
