// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/ledger/checkpoint.h"

#include "operations.h"
#include "parameters.h"
#include "read_events.h"
#include "rows.h"

namespace daybook::api {
namespace {

using ledger::PublishedCheckpoint;
using record::Json;

constexpr std::uint64_t kSizeMax = INT64_MAX;

Json lines_of(const std::vector<std::string>& keys) {
  return keys;
}

// A checkpoint over every durable entry, published if there is none yet.
net::Task<Result<PublishedCheckpoint>> publish(ledger::Ledger& ledger) {
  auto slot = std::make_shared<std::optional<Result<PublishedCheckpoint>>>();
  const std::function<void(std::function<void()>)> start = [&ledger,
                                                            slot](std::function<void()> resume) {
    ledger.publish([slot, resume = std::move(resume)](Result<PublishedCheckpoint> result) {
      *slot = std::move(result);
      resume();
    });
  };
  co_await net::await_callback(start);
  co_return std::move(**slot);
}

// The checkpoint a proof of `index` leads to: the one asked for, else the latest that covers it.
net::Task<Answer<PublishedCheckpoint>> covering_checkpoint(Call& call, EntryIndex index,
                                                           std::optional<std::uint64_t> size) {
  const ledger::Reader& reader = call.services.reader();
  if (size) {
    Result<PublishedCheckpoint> named = reader.checkpoint_at(TreeSize(*size));
    if (!named) {
      co_return tl::unexpected(http_error(named.error()));
    }
    if (index.value() >= *size) {
      HttpError error{404, "the tree of that size does not hold the entry", "treeSize"};
      co_return tl::unexpected(std::move(error));
    }
    co_return *std::move(named);
  }
  PublishedCheckpoint latest = reader.latest_checkpoint();
  if (latest.size.value() > index.value()) {
    co_return latest;
  }
  Result<PublishedCheckpoint> fresh = co_await publish(call.services.parts.ledger);
  if (!fresh) {
    co_return tl::unexpected(http_error(fresh.error()));
  }
  co_return *std::move(fresh);
}

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

Json proof_json(const ledger::Reader& reader, const ledger::StoredEntry& entry,
                const PublishedCheckpoint& checkpoint, const std::vector<Hash>& hashes) {
  Json path = Json::array();
  for (const Hash& hash : hashes) {
    path.push_back(to_base64(hash));
  }
  Json body = disclosed_entry(entry, reader.origin());
  body["proof"] = {{"treeSize", checkpoint.size.value()},
                   {"rootHash", to_hex(checkpoint.root)},
                   {"hashes", std::move(path)}};
  body["checkpoint"] = checkpoint.note;
  body["keys"] = lines_of(reader.keys());
  return body;
}

Answer<net::Response> proof_response(const Call& call, const ProofRequest& request,
                                     const PublishedCheckpoint& checkpoint) {
  const ledger::Reader& reader = call.services.reader();
  const EntryIndex index = request.entry.index;
  const Result<std::vector<Hash>> hashes = reader.inclusion_proof(index, checkpoint.size);
  if (!hashes) {
    return tl::unexpected(http_error(hashes.error()));
  }
  record_read(call, "proof", {{"entryId", call.match.id}, {"treeSize", checkpoint.size.value()}});
  if (request.json) {
    return json_response(200, proof_json(reader, request.entry, checkpoint, *hashes));
  }
  return text_response(200, "text/plain; charset=utf-8",
                       ledger::tlog_proof_text(index, *hashes, checkpoint.note));
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
  const EntryIndex index = request->entry.index;
  const auto checkpoint = co_await covering_checkpoint(call, index, request->size);
  Answer<net::Response> answer = tl::unexpected(HttpError{});
  if (checkpoint) {
    answer = proof_response(call, *request, *checkpoint);
  } else {
    answer = tl::unexpected(checkpoint.error());
  }
  co_await reply(call, std::move(answer));
}

}  // namespace daybook::api
