// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "operations.h"
#include "parameters.h"
#include "piecewise.h"
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
  if (range.from >= range.to) {
    return out;
  }
  const auto add = [&](const ledger::StoredEntry& entry) {
    out += dump(disclosed_entry(entry, reader.origin()));
    out += '\n';
    range.from = entry.index.value() + 1;
    return out.size() < kBytesAtOnce;
  };
  DAYBOOK_RETURN_IF_ERROR(reader.scan(EntryIndex(range.from), EntryIndex(range.to), add));
  if (out.empty()) {
    return Error{Errc::corrupt, "entries are missing"};
  }
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
  net::ResponseHead head = piecewise_head("application/x-ndjson");
  std::function<Result<std::string>()> piece = [&] {
    return next_piece(call.services.reader(), *range);
  };
  std::string opening;
  std::string closing;
  co_await send_piecewise(call, std::move(head), std::move(opening), std::move(piece),
                          std::move(closing));
}

}  // namespace daybook::api
