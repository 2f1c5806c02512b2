// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daybook/capture/key_rotations.h"
#include "daybook/core/clock.h"
#include "daybook/ledger/key_rotation.h"

#include "covering_checkpoint.h"
#include "json_body.h"
#include "on_worker.h"
#include "operations.h"
#include "read_events.h"

namespace daybook::api {
namespace {

using ledger::SigningKeys;
using record::Json;

constexpr std::int64_t kOverlapSecondsDefault = 30LL * 86'400;
constexpr std::int64_t kOverlapSecondsMax = 366LL * 86'400;

Answer<std::int64_t> overlap_ms_of(const Answer<Json>& sent) {
  if (!sent) {
    return tl::unexpected(sent.error());
  }
  const auto known = known_members(*sent, {"overlapSeconds"}, Quote::yes);
  if (!known) {
    return tl::unexpected(known.error());
  }
  std::int64_t seconds = kOverlapSecondsDefault;
  if (const auto at = known->find("overlapSeconds"); at != known->end()) {
    const bool good =
        at->is_number_unsigned() && at->get<std::uint64_t>() <= std::uint64_t{kOverlapSecondsMax};
    if (!good) {
      return tl::unexpected(HttpError{422, "expected a whole number of seconds, at most 366 days",
                                      "/overlapSeconds"});
    }
    seconds = at->get<std::int64_t>();
  }
  return seconds * 1000;
}

using MadeKey = Result<SigningKeys::Rotated>;

net::Task<void> refuse(Call& call, HttpError error) {
  Answer<net::Response> answer = tl::unexpected(std::move(error));
  co_await reply(call, std::move(answer));
}

// The entry about the rotation, by whoever asked for it.
net::Task<Status> record_rotation(Call& call, const std::string& statement) {
  Result<record::Event> event =
      capture::key_rotated_event(call.services.parts.recorder.clock(), statement);
  if (!event) {
    co_return event.error();
  }
  event->actor_kind = actor_kind_of(call);
  event->actor = actor_of(call);
  std::vector<record::Event> events;
  events.push_back(*std::move(event));
  const auto stored = co_await call.services.parts.recorder.record(std::move(events));
  if (!stored) {
    co_return stored.error();
  }
  co_return Status{};
}

}  // namespace

net::Task<void> answer_rotate_key(Call& call) {
  const Answer<Json> body = co_await read_json_body(call);
  const Answer<std::int64_t> overlap_ms = overlap_ms_of(body);
  if (!overlap_ms) {
    co_await refuse(call, overlap_ms.error());
    co_return;
  }
  if (!call.services.parts.ledger.writable()) {
    HttpError error{503, "the ledger takes no entries", "", 30};
    co_await refuse(call, std::move(error));
    co_return;
  }
  std::function<MadeKey()> rotate = [&call, overlap_ms = *overlap_ms] {
    return call.services.parts.ledger.signing_keys().rotate(overlap_ms);
  };
  // Waits for the disk.
  const auto made = co_await on_worker<MadeKey>(call.services.worker, std::move(rotate));
  if (!made || !*made) {
    HttpError error{429, "too much else to do", "", 1};
    if (made) {
      error = http_error(made->error());
    }
    co_await refuse(call, std::move(error));
    co_return;
  }
  // In force from here on. What fails below is made good at the next start.
  const SigningKeys::Rotated& rotated = **made;
  const Status recorded = co_await record_rotation(call, rotated.statement);
  if (!recorded) {
    HttpError error = http_error(recorded.error());
    co_await refuse(call, std::move(error));
    co_return;
  }
  const TreeSize size = call.services.reader().size();
  const auto checkpoint = co_await covering_checkpoint(call, size, std::nullopt);
  Answer<net::Response> answer = tl::unexpected(HttpError{});
  if (checkpoint) {
    answer = json_response(201, {{"oldKey", rotated.old_key},
                                 {"newKey", rotated.new_key},
                                 {"bothUntil", format_time(rotated.both_until)},
                                 {"treeSize", checkpoint->size.value()},
                                 {"statement", rotated.statement}});
  } else {
    answer = tl::unexpected(checkpoint.error());
  }
  co_await reply(call, std::move(answer));
}

// Statements of all rotations, for whoever knows an earlier key.
Answer<net::Response> key_rotations(Call& call) {
  net::Response response =
      text_response(200, "text/plain; charset=utf-8",
                    ledger::rotations_text(call.services.parts.ledger.signing_keys().rotations()));
  response.head.headers.add("Cache-Control", "no-cache");
  return response;
}

}  // namespace daybook::api
