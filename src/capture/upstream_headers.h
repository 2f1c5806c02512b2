// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daybook/net/http.h"

namespace daybook::capture {

// Why a client does something, in its own words. Said to daybook, so not forwarded.
inline constexpr std::string_view kReasonHeader = "X-Daybook-Reason";

// Acts as another user at Kestra, for who may; belongs to the client's own credential.
inline constexpr std::string_view kImpersonateHeader = "X-Kestra-Impersonate";

struct ForwardOptions {
  // Replaces whatever the client sent; nothing: none is sent, unless keep_authorization.
  std::optional<std::string> authorization;
  bool keep_authorization = false;  // Pass-through without a credential of our own.
  std::string remote_address;
  bool over_tls = false;         // The client's connection.
  std::string_view user_header;  // Names the user to us; not forwarded. Empty: there is none.
};

// The request as Kestra gets it: end-to-end fields in order and spelling, without what the client
// used towards daybook, with X-Forwarded-For, -Proto and -Host (contract section 5).
[[nodiscard]] net::RequestHead forwarded_request(const net::RequestHead& head,
                                                 const ForwardOptions& options);

// The answer as the client gets it: only hop-by-hop fields are missing.
[[nodiscard]] net::ResponseHead forwarded_answer(const net::ResponseHead& head);

// `Cookie` without daybook's own; empty if none is left.
[[nodiscard]] std::string without_daybook_cookie(std::string_view cookie);

}  // namespace daybook::capture
