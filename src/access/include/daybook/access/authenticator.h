// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/access/accounts.h"
#include "daybook/access/principal.h"
#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/net/task.h"
#include "daybook/record/event.h"

namespace daybook::access {

// What a request carries, straight from its headers.
struct Credentials {
  std::string authorization;  // Header value or empty.
  std::string cookie;         // Header value or empty.
  std::string csrf;           // X-CSRF-Token or empty.
  // A cookie is taken for other methods than GET and HEAD only with its CSRF token.
  std::string method;
  std::string remote_address;
  std::string user_agent;
};

enum class Verdict : std::uint8_t {
  ok,         // principal is set.
  anonymous,  // Nothing was sent, or a session cookie that is over (else a browser could not even
              // load the sign-in page after a restart).
  wrong,      // Unknown, expired or malformed credentials, a cookie without its CSRF token: 401.
  locked,     // 423 with retry_after_s.
  busy,       // The password queue is full or state.db cannot be read: 429 with retry_after_s.
};

struct AuthResult {
  Verdict verdict = Verdict::anonymous;
  std::optional<Principal> principal;
  std::int64_t retry_after_s = 0;
  // LOGIN_FAILURE, ACCOUNT_LOCKED: the caller records them, whatever the verdict. They may be about
  // earlier requests: failures counted during a minute are handed to the first caller after it.
  std::vector<record::Event> events;
};

struct Session {
  Principal principal;
  std::string cookie;  // Value of the cookie kSessionCookie.
  std::string csrf_token;
  UnixMillis expires_at = 0;
};
inline constexpr std::string_view kSessionCookie = "daybook_session";

struct LoginResult {
  AuthResult auth;  // events hold LOGIN on success.
  std::optional<Session> session;
};

struct AuthOptions {
  int lock_after = 10;                          // Wrong passwords,
  std::int64_t lock_window_ms = 15 * 60'000;    // within this time,
  std::int64_t lock_duration_ms = 15 * 60'000;  // lock (user, address) for this long.
  std::int64_t cache_ms = 60'000;  // A correct password, under an HMAC with a per-process key.
  std::int64_t session_ms = 12 * 3'600'000;
  std::size_t password_queue_max = 64;
};

// Decides who a request is by: Bearer token, Basic user:password, Basic token without colon (or as
// the password of its service account), session cookie with X-CSRF-Token. If Authorization was sent
// it alone decides. Argon2id runs on one own thread behind a bounded queue; unknown users cost the
// same as known ones; compares are time-constant. What was typed is never stored: a failed name
// only if that user exists, else its keyed hash.
//
// Ownership: `accounts` (made by Accounts::open), `clock` and `random` outlive it. Destroy it only
// when no coroutine of its own is left, that is after the network has stopped.
// Threads: any.
class Authenticator {
 public:
  static std::unique_ptr<Authenticator> make(Accounts& accounts, const Clock& clock, Random& random,
                                             AuthOptions options = {});
  virtual ~Authenticator() = default;
  virtual net::Task<AuthResult> authenticate(Credentials credentials) = 0;
  virtual net::Task<LoginResult> login(std::string username, std::string password,
                                       Credentials from) = 0;
  // Ends the session; the LOGOUT event, if there was one.
  virtual std::vector<record::Event> logout(const Credentials& credentials) = 0;
  // The session a cookie belongs to (for /me: csrf token and expiry).
  virtual std::optional<Session> session(const Credentials& credentials) = 0;
  // Failures that were counted and wait for their minute to end, reported now: for a clean stop,
  // after the last request.
  virtual std::vector<record::Event> take_waiting() { return {}; }
  // A keyed hash of a name: `h:<16 hex>`; the key lives in state.db.
  [[nodiscard]] virtual std::string hash_name(std::string_view name) const = 0;
};

}  // namespace daybook::access
