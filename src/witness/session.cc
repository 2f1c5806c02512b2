// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace daybook::witness {
namespace {

constexpr std::uint64_t kAnswerBytesMax = 64 * 1024;
// Our records were wrong, it tells the size it has, and a proof from there.
constexpr int kTries = 3;
constexpr std::int64_t kRetryAfterMaxS = 3600;

std::int64_t retry_after_of(const net::Response& answer) {
  const std::string_view text = answer.head.headers.get("Retry-After").value_or("");
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool good = failure == std::errc() && end == text.data() + text.size() && seconds > 0;
  return good ? std::min(seconds, kRetryAfterMaxS) : 0;
}

Outcome later(std::string what) {
  return {Outcome::Kind::try_later, std::move(what), {}, 0};
}

Outcome alarm(std::string what) {
  return {Outcome::Kind::alarm, std::move(what), {}, 0};
}

std::string_view text_of(std::string_view note) {
  return note.substr(0, note.rfind("\n\n") + 1);
}

}  // namespace

Session::Session(const ledger::Reader& reader, crypto::NoteVerifier key, net::BaseUrl url,
                 std::chrono::milliseconds timeout)
    : reader_(reader), key_(std::move(key)), timeout_(timeout) {
  net::ClientOptions options;
  options.connect_timeout = timeout;
  options.write_timeout = timeout;
  client_ = net::Client::make(std::move(url), options);
}

Result<std::string> Session::body_for(const ledger::PublishedCheckpoint& checkpoint) const {
  std::vector<Hash> proof;
  if (known_ > 0 && known_ < checkpoint.size.value()) {
    DAYBOOK_ASSIGN_OR_RETURN(proof, reader_.consistency_proof(TreeSize(known_), checkpoint.size));
  }
  std::string body = add_checkpoint_body(known_, proof, checkpoint.note);
  if (body.size() > kRequestBytesMax) return Error{Errc::exhausted, "the request is too large"};
  return body;
}

net::Task<Result<net::Response>> Session::post(std::string body) {
  net::RequestHead head;
  head.method = "POST";
  head.target = "/add-checkpoint";
  head.headers.add("User-Agent", std::string("daybook/") + DAYBOOK_VERSION);
  head.headers.add("Content-Type", "text/plain; charset=utf-8");
  co_return co_await client_->fetch(std::move(head), std::move(body), kAnswerBytesMax, timeout_);
}

net::Task<Outcome> Session::offer(ledger::PublishedCheckpoint checkpoint) {
  told_ = false;
  for (int tries = 0; tries < kTries; ++tries) {
    Result<std::string> body = body_for(checkpoint);
    if (!body) co_return later(body.error().context);
    std::string text = *std::move(body);
    const Result<net::Response> answer = co_await post(std::move(text));
    if (!answer) co_return later(answer.error().context);
    std::optional<Outcome> outcome = read(*answer, checkpoint);
    if (outcome) co_return *std::move(outcome);
  }
  co_return later("it keeps naming another size");
}

std::optional<Outcome> Session::read(const net::Response& answer,
                                     const ledger::PublishedCheckpoint& checkpoint) {
  switch (answer.head.status) {
    case 200:
      return read_good(answer, checkpoint);
    case 409:
      return read_conflict(answer, checkpoint);
    case 422:
      // Our records of what it has may be wrong: let it tell, then offer a proof from there.
      if (known_ != 0 && !told_) {
        known_ = 0;
        return std::nullopt;
      }
      return alarm("it remembers a tree that this ledger does not extend");
    case 403:
    case 404:
      return Outcome{Outcome::Kind::refused,
                     answer.head.status == 403 ? "it does not know the ledger's key"
                                               : "it does not know the ledger's origin",
                     {},
                     0};
    default: {
      Outcome out = later(fmt::format("it answered {}", answer.head.status));
      out.retry_after_s = retry_after_of(answer);
      return out;
    }
  }
}

std::optional<Outcome> Session::read_conflict(const net::Response& answer,
                                              const ledger::PublishedCheckpoint& checkpoint) {
  const Result<std::uint64_t> size = parse_known_size(answer.body);
  if (!size) {
    // Some witnesses answer so, instead of 422, to another root of the size they have.
    if (known_ == checkpoint.size.value()) {
      return alarm("it remembers another tree of the same size");
    }
    return later(size.error().context);
  }
  if (*size > reader_.latest_checkpoint().size.value()) {
    return alarm(fmt::format("it has cosigned {} entries of this ledger, which has only {}", *size,
                             reader_.latest_checkpoint().size.value()));
  }
  known_ = *size;
  told_ = true;
  if (*size > checkpoint.size.value()) return later("it has a newer checkpoint than the one sent");
  return std::nullopt;
}

Outcome Session::read_good(const net::Response& answer,
                           const ledger::PublishedCheckpoint& checkpoint) {
  const std::string text(text_of(checkpoint.note));
  Result<Cosignature> cosignature = accept_cosignature(answer.body, text, key_);
  if (!cosignature) return later("it gave no good cosignature: " + cosignature.error().context);
  known_ = checkpoint.size.value();
  Outcome out{Outcome::Kind::cosigned, {}, {}, 0};
  out.last = LastCosigned{
      {reader_.origin(), checkpoint.size, checkpoint.root, {}}, text, std::move(cosignature->line)};
  return out;
}

}  // namespace daybook::witness
