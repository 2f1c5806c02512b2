// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include "daybook/ledger/checkpoint.h"

#include "covering_checkpoint.h"
#include "operations.h"
#include "parameters.h"
#include "read_events.h"
#include "rows.h"

namespace daybook::api {
namespace {

using ledger::PublishedCheckpoint;
using record::Json;

constexpr std::uint64_t kSizeMax = INT64_MAX;

struct ProofRequest {
  ledger::StoredEntry entry;
  bool json = false;
  std::optional<std::uint64_t> size;
};

Answer<ProofRequest> proof_request(const Call& call) {
  const auto params = Parameters::read(call.params, {"format", "treeSize"});
  if (!params) {
    return tl::unexpected(params.error());
  }
  const auto format = params->word("format", {"text", "json"});
  if (!format) {
    return tl::unexpected(format.error());
  }
  const auto size = params->number("treeSize", 0, kSizeMax);
  if (!size) {
    return tl::unexpected(size.error());
  }
  auto entry = entry_of_path(call);
  if (!entry) {
    return tl::unexpected(std::move(entry.error()));
  }
  return ProofRequest{*std::move(entry), *format == "json", *size};
}

Answer<net::Response> proof_json(const Services& services, const ledger::StoredEntry& entry,
                                 const PublishedCheckpoint& checkpoint) {
  const ledger::Reader& reader = services.reader();
  Answer<Json> path = inclusion_json(reader, entry.index, checkpoint);
  if (!path) {
    return tl::unexpected(std::move(path.error()));
  }
  Json body = disclosed_entry(entry, reader.origin());
  body["proof"] = *std::move(path);
  body["checkpoint"] = shown_note(services, checkpoint);
  body["keys"] = reader.keys();
  return json_response(200, body);
}

Answer<net::Response> proof_text(const Services& services, EntryIndex index,
                                 const PublishedCheckpoint& checkpoint) {
  const Result<std::vector<Hash>> hashes =
      services.reader().inclusion_proof(index, checkpoint.size);
  if (!hashes) {
    return tl::unexpected(http_error(hashes.error()));
  }
  return text_response(200, "text/plain; charset=utf-8",
                       ledger::tlog_proof_text(index, *hashes, shown_note(services, checkpoint)));
}

Answer<net::Response> proof_response(const Call& call, const ProofRequest& request,
                                     const PublishedCheckpoint& checkpoint) {
  record_read(call, "proof", {{"entryId", call.match.id}, {"treeSize", checkpoint.size.value()}});
  return request.json ? proof_json(call.services, request.entry, checkpoint)
                      : proof_text(call.services, request.entry.index, checkpoint);
}

}  // namespace

Answer<net::Response> entry(Call& call) {
  const auto params = Parameters::read(call.params, {"expand"});
  if (!params) {
    return tl::unexpected(params.error());
  }
  if (const auto expand = params->word("expand", {"daybook"}); !expand) {
    return tl::unexpected(expand.error());
  }
  const auto stored = entry_of_path(call);
  if (!stored) {
    return tl::unexpected(stored.error());
  }
  const Result<ShownEntry> shown = RowReader(call.services.reader()).show(*stored);
  if (!shown) {
    return tl::unexpected(http_error(shown.error()));
  }
  record_read(call, "entry", {{"entryId", call.match.id}});
  return json_response(200, record::render_row(shown->event, &shown->facts));
}

net::Task<void> answer_proof(Call& call) {
  const Answer<ProofRequest> request = proof_request(call);
  if (!request) {
    Answer<net::Response> refused = tl::unexpected(request.error());
    co_await reply(call, std::move(refused));
    co_return;
  }
  const TreeSize covered(request->entry.index.value() + 1);
  const auto checkpoint = co_await covering_checkpoint(call, covered, request->size);
  Answer<net::Response> answer = tl::unexpected(HttpError{});
  if (checkpoint) {
    answer = proof_response(call, *request, *checkpoint);
  } else {
    answer = tl::unexpected(checkpoint.error());
  }
  co_await reply(call, std::move(answer));
}

}  // namespace daybook::api
