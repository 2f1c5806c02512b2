// SPDX-License-Identifier: Apache-2.0
#include "sign_in_page.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "daybook/core/percent.h"
#include "daybook/core/utf8.h"

#include "client_address.h"
#include "error_answer.h"

namespace daybook::capture {
namespace {

constexpr std::uint64_t kFormMax = 8 * 1024;

constexpr std::string_view kHead =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">"
    "<title>Sign in</title><style>body{font:16px system-ui;max-width:20rem;margin:15vh auto}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;margin:.4rem 0;font:inherit}"
    "</style></head><body><h1>Sign in</h1>";
constexpr std::string_view kTail = "</body></html>";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

net::Response page(unsigned status, std::string_view message, std::string_view to) {
  net::Response response;
  response.head.status = status;
  response.head.headers.add("Content-Type", "text/html; charset=utf-8");
  response.head.headers.add("Cache-Control", "no-store");
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  response.head.headers.add("Referrer-Policy", "same-origin");
  response.head.headers.add("Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                            "frame-ancestors 'none'; base-uri 'none'");
  std::string& body = response.body;
  body = kHead;
  if (!message.empty()) {
    body += "<p role=\"alert\">" + escaped(message) + "</p>";
  }
  body +=
      "<form method=\"post\" action=\"" + std::string(kSignInPath) +
      "\"><input type=\"hidden\" name=\"to\" value=\"" + escaped(to) +
      "\"><label>User name<input name=\"username\" autocomplete=\"username\" required autofocus>"
      "</label><label>Password<input name=\"password\" type=\"password\" "
      "autocomplete=\"current-password\" required></label><button>Sign in</button></form>";
  body += kTail;
  return response;
}

net::Response see_other(std::string location) {
  net::Response response;
  response.head.status = 303;
  response.head.headers.add("Location", std::move(location));
  response.head.headers.add("Cache-Control", "no-store");
  return response;
}

// Lax, not Strict: a link in a mail must open the page it names.
std::string cookie_of(std::string_view value, std::int64_t seconds, bool over_tls) {
  std::string cookie(access::kSessionCookie);
  cookie.append("=").append(value).append("; Path=/; HttpOnly; SameSite=Lax; Max-Age=");
  cookie += std::to_string(seconds);
  return over_tls ? cookie + "; Secure" : cookie;
}

net::Response refused(const access::AuthResult& result, std::string_view to) {
  unsigned status = 401;
  std::string_view message = "Wrong user name or password.";
  if (result.verdict == access::Verdict::locked) {
    status = 423;
    message = "Locked after too many wrong passwords. Try again later.";
  } else if (result.verdict == access::Verdict::busy) {
    status = 429;
    message = "Too many people sign in at this moment. Try again.";
  }
  net::Response answer = page(status, message, to);
  if (result.retry_after_s > 0) {
    answer.head.headers.add("Retry-After", std::to_string(result.retry_after_s));
  }
  return answer;
}

net::Task<void> record_all(GatewayShared& shared, std::vector<record::Event> events) {
  if (!events.empty()) {
    // The sign-in is as it is, stored or not; the ledger diagnoses itself.
    [[maybe_unused]] const auto stored = co_await shared.recorder.record(std::move(events));
  }
}

net::Task<net::Response> sign_in(GatewayShared& shared, net::Exchange& exchange) {
  const net::RequestHead& head = exchange.head();
  if (net::media_type(head.headers).essence != "application/x-www-form-urlencoded") {
    co_return error_answer(415, "the form must be application/x-www-form-urlencoded", "",
                           kSignInPath);
  }
  const Result<std::string> form = co_await exchange.read_all(kFormMax);
  if (!form) {
    exchange.close_after();
    co_return error_answer(form.error().code == Errc::exhausted ? 413 : 400,
                           "the form could not be read", "", kSignInPath);
  }
  const QueryFields fields = parse_query(*form);
  const std::string to = local_target(first_value(fields, "to"));
  std::string username = first_value(fields, "username");
  std::string password = first_value(fields, "password");
  if (!is_utf8(username) || !is_utf8(password)) {
    co_return refused({}, to);
  }
  access::Credentials from = credentials_of(
      head,
      client_address(shared.options.trusted_proxies, head.headers, exchange.remote_address()));
  access::LoginResult result = co_await shared.authenticator.login(
      std::move(username), std::move(password), std::move(from));
  co_await record_all(shared, std::move(result.auth.events));
  if (!result.session) {
    co_return refused(result.auth, to);
  }
  const std::int64_t seconds = (result.session->expires_at - shared.recorder.clock().now()) / 1000;
  net::Response answer = see_other(to);
  answer.head.headers.add("Set-Cookie",
                          cookie_of(result.session->cookie, seconds, exchange.over_tls()));
  co_return answer;
}

net::Task<net::Response> sign_out(GatewayShared& shared, net::Exchange& exchange) {
  access::Credentials from = credentials_of(exchange.head(), exchange.remote_address());
  from.authorization.clear();
  vouch_for_cookie(shared.authenticator, exchange.head(), from);
  co_await record_all(shared, shared.authenticator.logout(from));
  net::Response answer = see_other(std::string(kSignInPath));
  answer.head.headers.add("Set-Cookie", cookie_of("", 0, exchange.over_tls()));
  co_return answer;
}

}  // namespace

bool is_navigation(const net::RequestHead& head) {
  const bool page = head.headers.get("Sec-Fetch-Mode") == "navigate";
  return page && (head.method == "GET" || head.method == "HEAD");
}

net::Response to_sign_in(const net::RequestHead& head) {
  std::string target(head.path());
  if (!head.query().empty()) {
    target.append("?").append(head.query());
  }
  return see_other(std::string(kSignInPath) + "?to=" + percent_encode(local_target(target)));
}

std::string local_target(std::string_view target) {
  const bool plain = std::all_of(target.begin(), target.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7F && c != '\\';
  });
  // `//host` is another host.
  const bool local =
      plain && target.starts_with('/') && !target.starts_with("//") && target.size() <= 4096;
  return local ? std::string(target) : "/";
}

bool is_same_origin(const net::RequestHead& head) {
  if (const auto site = head.headers.get("Sec-Fetch-Site")) {
    return *site == "same-origin";
  }
  // Browsers without fetch metadata send Origin with every change.
  const auto origin = head.headers.get("Origin");
  const auto host = head.headers.get("Host");
  if (!origin || !host || host->empty()) {
    return false;
  }
  const auto authority = origin->find("://");
  return authority != std::string_view::npos &&
         equal_ascii_case(origin->substr(authority + 3), *host);
}

access::Credentials credentials_of(const net::RequestHead& head, std::string remote_address) {
  access::Credentials credentials;
  credentials.authorization = head.headers.get("Authorization").value_or("");
  credentials.cookie = head.headers.get("Cookie").value_or("");
  credentials.csrf = head.headers.get("X-CSRF-Token").value_or("");
  credentials.method = head.method;
  credentials.remote_address = std::move(remote_address);
  credentials.user_agent = head.headers.get("User-Agent").value_or("");
  return credentials;
}

void vouch_for_cookie(access::Authenticator& authenticator, const net::RequestHead& head,
                      access::Credentials& credentials) {
  if (!credentials.authorization.empty() || credentials.cookie.empty() ||
      !credentials.csrf.empty() || !is_same_origin(head)) {
    return;
  }
  if (const auto session = authenticator.session(credentials)) {
    credentials.csrf = session->csrf_token;
  }
}

net::Task<void> answer_sign_in(GatewayShared& shared, net::Exchange& exchange) {
  const net::RequestHead& head = exchange.head();
  const bool reads = head.method == "GET" || head.method == "HEAD";
  const bool in = head.path() == kSignInPath;
  net::Response answer;
  if (head.method == "POST" && head.headers.contains("Origin") && !is_same_origin(head)) {
    answer = error_answer(403, "the form was sent by a page of another site", "", head.path());
  } else if (head.method == "POST" && in) {
    answer = co_await sign_in(shared, exchange);
  } else if (head.method == "POST") {
    answer = co_await sign_out(shared, exchange);
  } else if (reads && in) {
    answer = page(200, "", local_target(first_value(parse_query(head.query()), "to")));
  } else {
    answer = error_answer(405, "method not allowed", "", head.path());
    answer.head.headers.add("Allow", in ? "GET, HEAD, POST" : "POST");
  }
  [[maybe_unused]] const Status sent = co_await exchange.respond(std::move(answer));
}

}  // namespace daybook::capture
