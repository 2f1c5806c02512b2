// SPDX-License-Identifier: Apache-2.0
#include "covering_checkpoint.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/witness/witnesses.h"

namespace daybook::api {
namespace {

using ledger::PublishedCheckpoint;
using record::Json;

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

Json hashes_json(const std::vector<Hash>& hashes) {
  Json out = Json::array();
  for (const Hash& hash : hashes) {
    out.push_back(to_base64(hash));
  }
  return out;
}

}  // namespace

net::Task<Answer<PublishedCheckpoint>> covering_checkpoint(Call& call, TreeSize covered,
                                                           std::optional<std::uint64_t> named) {
  const ledger::Reader& reader = call.services.reader();
  if (named) {
    Result<PublishedCheckpoint> found = reader.checkpoint_at(TreeSize(*named));
    if (!found) {
      co_return tl::unexpected(http_error(found.error()));
    }
    if (covered.value() > *named) {
      HttpError error{404, "the tree of that size does not hold the entry", "treeSize"};
      co_return tl::unexpected(std::move(error));
    }
    co_return *std::move(found);
  }
  PublishedCheckpoint latest = reader.latest_checkpoint();
  if (latest.size >= covered) {
    co_return latest;
  }
  Result<PublishedCheckpoint> fresh = co_await publish(call.services.parts.ledger);
  if (!fresh) {
    co_return tl::unexpected(http_error(fresh.error()));
  }
  co_return *std::move(fresh);
}

std::string shown_note(const Services& services, const PublishedCheckpoint& checkpoint) {
  const witness::Witnesses* witnesses = services.parts.witnesses;
  return witnesses == nullptr ? checkpoint.note : witnesses->cosigned(checkpoint);
}

Answer<Json> inclusion_json(const ledger::Reader& reader, EntryIndex index,
                            const PublishedCheckpoint& checkpoint) {
  const Result<std::vector<Hash>> hashes = reader.inclusion_proof(index, checkpoint.size);
  if (!hashes) {
    return tl::unexpected(http_error(hashes.error()));
  }
  return Json{{"treeSize", checkpoint.size.value()},
              {"rootHash", to_hex(checkpoint.root)},
              {"hashes", hashes_json(*hashes)}};
}

Answer<Json> consistency_json(const ledger::Reader& reader, TreeSize from, TreeSize to) {
  const Result<std::vector<Hash>> hashes = reader.consistency_proof(from, to);
  if (!hashes) {
    return tl::unexpected(http_error(hashes.error()));
  }
  return Json{{"from", from.value()},
              {"fromRoot", to_hex(reader.root(from))},
              {"hashes", hashes_json(*hashes)}};
}

}  // namespace daybook::api
