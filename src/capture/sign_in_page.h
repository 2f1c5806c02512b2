// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daybook/access/authenticator.h"
#include "daybook/net/server.h"

#include "gateway_shared.h"

namespace daybook::capture {

// Signing in at the gateway by a page and a cookie, for browsers: Kestra's own UI then works behind
// it without knowing. No script: a form, and a redirect to where the browser wanted to go.
inline constexpr std::string_view kSignInPath = "/daybook/signin";
inline constexpr std::string_view kSignOutPath = "/daybook/signout";

// GET and POST of the two paths; LOGIN, LOGOUT and failures are recorded.
net::Task<void> answer_sign_in(GatewayShared& shared, net::Exchange& exchange);

// A browser that opens a page, as opposed to a script or a program.
[[nodiscard]] bool is_navigation(const net::RequestHead& head);
// 303 to the sign-in page, which leads back.
[[nodiscard]] net::Response to_sign_in(const net::RequestHead& head);
// `target` if it is a path of this host, else `/`.
[[nodiscard]] std::string local_target(std::string_view target);

// Whether the browser says that a page of this very origin sends the request.
[[nodiscard]] bool is_same_origin(const net::RequestHead& head);
[[nodiscard]] access::Credentials credentials_of(const net::RequestHead& head,
                                                 std::string remote_address);
// Kestra's pages know no CSRF token of ours. A cookie counts for a change without one if the
// request comes from a page of this origin.
void vouch_for_cookie(access::Authenticator& authenticator, const net::RequestHead& head,
                      access::Credentials& credentials);

}  // namespace daybook::capture
