// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/net/http.h"

#include "body_reader.h"

namespace daybook::net {

// How the body of a message being sent is framed.
struct OutgoingFraming {
  BodyReader::Framing kind = BodyReader::Framing::none;
  std::uint64_t length = 0;
};

struct AnswerContext {
  bool to_head_request = false;
  unsigned peer_version = 11;
  bool close = false;  // The connection ends after this answer.
};

// Status line, fields and empty line of an answer, appended to `out`. Fields keep order and case.
// The connection's own business is decided here: Connection and Keep-Alive are replaced, framing
// fields stay where the handler put them and are added only where the body needs one.
OutgoingFraming write_response_head(const ResponseHead& head, const AnswerContext& context,
                                    std::string& out);

// Request line, fields and empty line. Hop-by-hop fields are left out, Host is added if absent.
OutgoingFraming write_request_head(const RequestHead& head, std::string_view target_prefix,
                                   std::string_view authority, std::string& out);

// `<hex>\r\n` in front of a chunk.
[[nodiscard]] std::string_view write_chunk_size(std::size_t size, char (&space)[20]);

// No body follows, whatever the fields say (RFC 9112 section 6.3).
[[nodiscard]] bool is_bodyless(unsigned status, bool to_head_request);

}  // namespace daybook::net
