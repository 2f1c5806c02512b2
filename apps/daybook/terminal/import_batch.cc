// SPDX-License-Identifier: Apache-2.0
#include "import_batch.h"

#include <utility>

#include "daybook/access/principal.h"
#include "daybook/capture/parse_event.h"
#include "daybook/core/bytes.h"
#include "daybook/core/clock.h"
#include "daybook/crypto/sha256.h"

namespace daybook::terminal {
namespace {

using record::Json;

constexpr std::size_t kEventsMax = 2000;
constexpr std::size_t kBytesMax = 4UL << 20U;
constexpr std::size_t kIdBytes = 16;

// Strict as the ingest API is; only exported rows may hold integers as RFC 8785 writes large
// doubles.
Result<Json> parse(std::string_view text) {
  auto strict = record::parse_json(text);
  if (strict) return strict;
  auto row = record::parse_json(text, {.big_integers = true});
  if (row && row->is_object() && row->contains("auditLog")) return row;
  return strict;
}

// The same for the same record at the same place, and for no other.
std::string made_id(const Json& event, std::uint64_t number) {
  const Hash hash = crypto::sha256(std::to_string(number) + "\n" + event.dump());
  return to_hex(ByteSpan(hash).first(kIdBytes));
}

bool has_id(const Json& event) {
  const auto at = event.find("id");
  return at != event.end() && !at->is_null();
}

}  // namespace

Result<RecordReader::Read> RecordReader::read(std::string_view text, std::uint64_t number) const {
  DAYBOOK_ASSIGN_OR_RETURN(Json value, parse(text));
  DAYBOOK_ASSIGN_OR_RETURN(ImportRecord found, import_record(std::move(value)));
  Read out;
  out.tenant = options_.tenant.empty() ? found.tenant.value_or("") : options_.tenant;
  if (out.tenant.empty() && found.is_row) {
    out.verdict = Verdict::without_tenant;
    return out;
  }
  if (out.tenant.empty()) {
    return Error{.code = Errc::invalid, .context = "an event names no tenant: say --tenant"};
  }
  if (!record::is_tenant(out.tenant)) {
    return Error{
        .code = Errc::invalid, .context = "not the name of a tenant", .path = "/auditLog/tenantId"};
  }
  if (!has_id(found.event)) found.event["id"] = made_id(found.event, number);
  const capture::IngestContext context{
      .tenant = out.tenant, .who = access::local_root(), .remote_address = {}, .user_agent = {}};
  out.line = found.event.dump();
  DAYBOOK_ASSIGN_OR_RETURN(const auto parsed, capture::parse_event(std::move(found.event), context,
                                                                   system_clock().now()));
  const bool matches = !options_.filtered || query::matches(options_.filter, parsed.event);
  out.verdict = matches ? Verdict::taken : Verdict::filtered;
  return out;
}

void ImportBatches::add(const RecordReader::Read& read, std::uint64_t number) {
  ImportBatch& batch = batches_[read.tenant];
  batch.body += read.line;
  batch.body += '\n';
  batch.numbers.push_back(number);
  batch.ends.push_back(batch.body.size());
  bytes_ += read.line.size();
  ++events_;
}

bool ImportBatches::full() const {
  return events_ >= kEventsMax || bytes_ >= kBytesMax;
}

std::map<std::string, ImportBatch> ImportBatches::take() {
  bytes_ = events_ = 0;
  return std::exchange(batches_, {});
}

}  // namespace daybook::terminal
