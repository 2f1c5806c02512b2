// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/ingest.h"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daybook/capture/parse_event.h"

#include "array_extents.h"
#include "body_source.h"
#include "error_answer.h"
#include "ingest_request.h"
#include "ndjson.h"
#include "receipts.h"

namespace daybook::capture {
namespace {

// JSON bodies held at one time; above it 503. A parsed body takes several times its size.
constexpr std::uint64_t kBufferedMax = 256ULL << 20U;

// Counts the bytes one request holds into a total.
class Share {
 public:
  explicit Share(std::atomic<std::uint64_t>& total) : total_(total) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { total_ -= held_; }
  bool grow(std::uint64_t bytes, std::uint64_t total_max) {
    held_ += bytes;
    return total_ += bytes, total_ <= total_max;
  }

 private:
  std::atomic<std::uint64_t>& total_;
  std::uint64_t held_ = 0;
};

// Why the body could not be read to its end, or nothing if nobody is there to be told.
std::optional<Refusal> broken_body(const Error& error, const BodySource& source,
                                   std::uint64_t line) {
  Refusal refusal{422, error.context, "", line};
  if (source.bad_coding()) {
    return refusal;
  }
  if (error.code == Errc::cancelled) {
    return std::nullopt;
  }
  refusal.close = true;
  refusal.status = error.code == Errc::timeout ? 408 : error.code == Errc::exhausted ? 413 : 400;
  return refusal;
}

struct Batch {
  std::vector<record::Event> events;
  std::vector<std::string> contents;
  std::vector<std::string> ids;
};

std::optional<Refusal> too_large(std::string_view body, const record::Json& value) {
  const Refusal refusal{413, "an event may have at most 1048576 bytes", ""};
  if (body.size() <= kEventMax) {
    return std::nullopt;
  }
  if (!value.is_array()) {
    const std::string wrapped = "[" + std::string(body) + "]";
    return item_lengths(wrapped).front() > kEventMax ? std::optional(refusal) : std::nullopt;
  }
  const std::vector<std::size_t> lengths = item_lengths(body);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] > kEventMax) {
      Refusal at = refusal;
      at.path = "/" + std::to_string(i);
      at.line = i + 1;
      return at;
    }
  }
  return std::nullopt;
}

std::optional<Refusal> add_event(Batch& batch, record::Json value, const IngestContext& context,
                                 Recorder& recorder, UnixMillis now, std::string_view base) {
  Result<ParsedEvent> parsed = parse_event(std::move(value), context, now);
  if (!parsed) {
    return Refusal{422, parsed.error().context, std::string(base) + parsed.error().path,
                   batch.events.size() + 1};
  }
  if (parsed->event.id.empty()) {
    parsed->event.id = recorder.new_id();
  }
  batch.ids.push_back(parsed->event.id);
  batch.events.push_back(std::move(parsed->event));
  batch.contents.push_back(std::move(parsed->content));
  return std::nullopt;
}

std::optional<Refusal> parse_body(std::string_view body, const IngestContext& context,
                                  Recorder& recorder, Batch& batch) {
  Result<record::Json> value = record::parse_json(body);
  if (!value) {
    return Refusal{422, value.error().context, ""};
  }
  const UnixMillis now = recorder.clock().now();
  if (!value->is_object() && !value->is_array()) {
    return Refusal{422, "the body must be an event or an array of events", ""};
  }
  if (auto refusal = too_large(body, *value)) {
    return refusal;
  }
  if (value->is_object()) {
    return add_event(batch, *std::move(value), context, recorder, now, "");
  }
  if (value->empty()) {
    return Refusal{422, "the array is empty", ""};
  }
  if (value->size() > kArrayMax) {
    return Refusal{422, "an array may have at most 100000 events", "", kArrayMax + 1};
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    const std::string base = "/" + std::to_string(i);
    if (auto refusal = add_event(batch, std::move((*value)[i]), context, recorder, now, base)) {
      return refusal;
    }
  }
  return std::nullopt;
}

// A request on its way through ingest: the outcome is receipts or a refusal; neither if the peer
// has gone.
struct Passage {
  Receipts receipts;
  std::optional<Refusal> refusal;
  bool gone = false;
};

net::Task<std::optional<std::string>> read_body(BodySource& source, Passage& passage,
                                                Share& share) {
  std::string body;
  for (;;) {
    const Result<std::string_view> slice = co_await source.next();
    if (!slice) {
      passage.refusal = broken_body(slice.error(), source, 1);
      passage.gone = !passage.refusal;
      co_return std::nullopt;
    }
    if (slice->empty()) {
      break;
    }
    if (body.size() + slice->size() > kJsonBodyMax) {
      passage.refusal = Refusal{413, "a JSON body may have at most 67108864 bytes", ""};
      passage.refusal->close = true;
      co_return std::nullopt;
    }
    if (!share.grow(slice->size(), kBufferedMax)) {
      passage.refusal = not_taken(Error{Errc::exhausted, "too many large bodies at one time"}, 1);
      passage.refusal->close = true;
      co_return std::nullopt;
    }
    body += *slice;
  }
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) {
    passage.refusal = Refusal{422, "the body is empty", ""};
    co_return std::nullopt;
  }
  co_return body;
}

net::Task<void> take_json(BodySource source, Recorder& recorder, IngestContext context,
                          std::atomic<std::uint64_t>& buffered, Passage& passage) {
  Share share(buffered);
  std::optional<std::string> body = co_await read_body(source, passage, share);
  if (!body) {
    co_return;
  }
  Batch batch;
  passage.refusal = parse_body(*body, context, recorder, batch);
  if (passage.refusal) {
    co_return;
  }
  const bool array = body->at(body->find_first_not_of(" \t\r\n")) == '[';
  body.reset();
  auto pending = recorder.begin(std::move(batch.events), std::move(batch.contents));
  const Result<ledger::Appended> appended = co_await PendingAppend::wait(std::move(pending));
  if (appended) {
    passage.receipts.add(*appended, batch.ids);
    co_return;
  }
  const Error& error = appended.error();
  if (error.code == Errc::exists && error.offset.value_or(batch.ids.size()) < batch.ids.size()) {
    const std::size_t at = *error.offset;
    passage.refusal =
        conflict(error, batch.ids[at], array ? "/" + std::to_string(at) + "/id" : "/id", at + 1);
    co_return;
  }
  passage.refusal = not_taken(error, 1);
}

net::Task<void> take_ndjson(BodySource source, Recorder& recorder, IngestContext context,
                            Passage& passage) {
  NdjsonTaker taker(recorder, std::move(context), passage.receipts.listed());
  bool unread = false;  // Part of the stream.
  for (;;) {
    const Result<std::string_view> slice = co_await source.next();
    if (!slice) {
      std::optional<Refusal> why = broken_body(slice.error(), source, taker.next_line());
      passage.gone = !why;
      co_await taker.break_off(why);
      break;
    }
    if (slice->empty()) {
      co_await taker.finish();
      break;
    }
    const bool going_on = co_await taker.take(*slice);
    if (!going_on) {
      unread = true;
      break;
    }
  }
  passage.receipts = taker.receipts();
  passage.refusal = taker.refusal();
  if (passage.refusal) {
    passage.refusal->close = passage.refusal->close || unread;
  } else if (!passage.gone && passage.receipts.count() == 0) {
    passage.refusal = Refusal{422, "the body is empty", ""};
  }
}

IngestContext context_of(const net::Exchange& exchange, access::Principal who, std::string tenant) {
  IngestContext context;
  context.tenant = std::move(tenant);
  context.who = std::move(who);
  context.remote_address = exchange.remote_address();
  context.user_agent = exchange.head().headers.get("User-Agent").value_or("");
  return context;
}

}  // namespace

Ingest::Ingest(Recorder& recorder, Metrics& metrics)
    : recorder_(recorder),
      events_(metrics.counter("daybook_ingest_events_total", "Events taken, duplicates included")),
      refusals_(metrics.counter("daybook_ingest_refusals_total", "Ingest requests refused")) {}

net::Task<void> Ingest::handle(net::Exchange& exchange, access::Principal who, std::string tenant) {
  const HeadVerdict verdict = read_ingest_head(exchange.head());
  const IngestRequest request = verdict.request;
  Passage passage{Receipts(!request.ndjson || request.receipts), verdict.refusal};
  if (!passage.refusal && !record::is_tenant(tenant)) {
    passage.refusal = Refusal{422, "a tenant is 1 to 63 of a-z 0-9 _ -", "tenant"};
  }
  const std::string self(exchange.head().path());
  if (!passage.refusal) {
    IngestContext context = context_of(exchange, std::move(who), std::move(tenant));
    BodySource source(exchange, request.coding);
    if (request.ndjson) {
      co_await take_ndjson(std::move(source), recorder_, std::move(context), passage);
    } else {
      co_await take_json(std::move(source), recorder_, std::move(context), buffered_, passage);
    }
  }
  const Receipts& receipts = passage.receipts;
  events_.add(static_cast<double>(receipts.count()));
  if (passage.gone) {
    co_return;
  }
  if (passage.refusal) {
    refusals_.add();
    if (passage.refusal->close) {
      exchange.close_after();
    }
  }
  net::Response answer =
      passage.refusal ? refusal_answer(*passage.refusal, receipts.count(), receipts.created(), self)
                      : receipts.answer();
  // A peer that has gone learns nothing; what is stored stays stored.
  [[maybe_unused]] const Status sent = co_await exchange.respond(std::move(answer));
}

}  // namespace daybook::capture
