// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "operations.h"
#include "parameters.h"
#include "read_events.h"
#include "rows.h"

namespace daybook::api {
namespace {

constexpr std::uint64_t kLimitDefault = 1000;
constexpr std::uint64_t kLimitMax = 10'000;
// Text made before it is written, and entries at most.
constexpr std::size_t kBytesAtOnce = 256 * 1024;

struct Range {
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // Exclusive.
};

Answer<Range> range_of(const Call& call) {
  const auto params = Parameters::read(call.params, {"from", "limit"});
  if (!params) {
    return tl::unexpected(params.error());
  }
  const auto from = params->number("from", 0, INT64_MAX);
  if (!from) {
    return tl::unexpected(from.error());
  }
  const auto limit = params->number("limit", 1, kLimitMax);
  if (!limit) {
    return tl::unexpected(limit.error());
  }
  const std::uint64_t size = call.services.reader().size().value();
  const std::uint64_t first = std::min(from->value_or(0), size);
  return Range{first, std::min(size, first + limit->value_or(kLimitDefault))};
}

// Lines of the entries from range.from on, as many as make a piece; moves range.from past them.
Result<std::string> next_piece(const ledger::Reader& reader, Range& range) {
  std::string out;
  const auto add = [&](const ledger::StoredEntry& entry) {
    out += dump(disclosed_entry(entry, reader.origin()));
    out += '\n';
    range.from = entry.index.value() + 1;
    return out.size() < kBytesAtOnce;
  };
  DAYBOOK_RETURN_IF_ERROR(reader.scan(EntryIndex(range.from), EntryIndex(range.to), add));
  return out;
}

}  // namespace

net::Task<void> answer_entries(Call& call) {
  Answer<Range> range = range_of(call);
  if (!range) {
    Answer<net::Response> refused = tl::unexpected(range.error());
    co_await reply(call, std::move(refused));
    co_return;
  }
  record_read(call, "entries", {{"from", range->from}, {"to", range->to}});
  net::Exchange& exchange = call.exchange;
  net::ResponseHead head;
  head.chunked = true;
  head.headers.add("Content-Type", "application/x-ndjson");
  head.headers.add("X-Content-Type-Options", "nosniff");
  head.headers.add("Cache-Control", "no-store");
  Status sent = co_await exchange.start(std::move(head));
  while (sent && range->from < range->to && !call.is_head()) {
    const Result<std::string> piece = next_piece(call.services.reader(), *range);
    if (!piece || piece->empty()) {
      exchange.abort();  // The head is out: only a broken answer can tell that lines are missing.
      co_return;
    }
    sent = co_await exchange.write(*piece);
  }
  if (sent) {
    sent = co_await exchange.finish();
  }
}

}  // namespace daybook::api
