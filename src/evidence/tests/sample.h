// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/crypto/note.h"
#include "daybook/evidence/selection.h"
#include "daybook/ledger/checkpoint.h"
#include "daybook/ledger/merkle.h"
#include "daybook/record/parts.h"

namespace daybook::evidence {

// A small ledger in memory and the evidence an honest server gives of it.
class Sample {
 public:
  explicit Sample(std::size_t entries) {
    for (std::size_t i = 0; i < entries; ++i) {
      const record::Event event = event_of(i);
      parts_.push_back(record::encode(event));
      record::Seed seed{};
      seed.fill(static_cast<std::uint8_t>(i + 1));
      seeds_.push_back(seed);
      commitments_.push_back(record::commit_all(seed, parts_.back()));
      leaves_.push_back(record::leaf_hash(commitments_.back()));
    }
  }

  // Every third entry is a FLOW, the others are EXECUTIONs.
  static record::Event event_of(std::size_t i) {
    record::Event event;
    event.id = "entry-" + std::to_string(i);
    event.tenant_id = "main";
    event.date = 1'767'225'600'000 + static_cast<UnixMillis>(i);
    event.recorded_at = event.date;
    event.action = "UPDATE";
    event.resource = i % 3 == 0 ? "FLOW" : "EXECUTION";
    event.detail = {{"namespace", "company.team"}};
    event.actor.user_id = "u1";
    event.actor.username = "jane";
    return event;
  }

  [[nodiscard]] std::string note(std::uint64_t size) const {
    ledger::CompactRange range;
    for (std::uint64_t i = 0; i < size; ++i) range.append(leaves_[i]);
    const crypto::NoteSigner signer = make_signer();
    return crypto::sign_note(
               ledger::checkpoint_text({signer.name(), TreeSize(size), range.root(), {}}),
               {&signer})
        .value();
  }
  [[nodiscard]] static crypto::NoteSigner make_signer(std::uint8_t seed = 7) {
    crypto::Ed25519Seed bytes{};
    bytes.fill(seed);
    return {"daybook/sample", crypto::Ed25519Key::from_seed(bytes).value()};
  }

  [[nodiscard]] Hash root(std::uint64_t size) const {
    return ledger::root_of(
        size, [this](unsigned level, std::uint64_t index) { return subtree(level, index); });
  }
  [[nodiscard]] record::Json item(std::size_t i, bool shown) const {
    record::Json parts;
    const char* const names[] = {"event", "actor", "change"};
    for (std::size_t k = 0; k < record::kPartCount; ++k) {
      record::Json part = {{"commitment", to_hex(commitments_[i].at(k))}};
      if (shown) {
        part["bytes"] = to_base64(as_bytes(parts_[i].bytes.at(k)));
        part["salt"] = to_base64(record::salt_of(seeds_[i], static_cast<record::Part>(k + 1)));
      } else {
        part["state"] = "withheld";
      }
      parts[names[k]] = std::move(part);
    }
    const std::uint64_t size = leaves_.size();
    record::Json path = record::Json::array();
    const auto proof =
        ledger::inclusion_proof(i, size, [this](unsigned level, std::uint64_t index) {
          return subtree(level, index);
        }).value();
    for (const Hash& hash : proof) path.push_back(to_base64(hash));
    record::Json out = {
        {"index", i},
        {"origin", "daybook/sample"},
        {"leaf", to_base64(record::leaf_data(commitments_[i]))},
        {"leafHash", to_hex(leaves_[i])},
        {"parts", std::move(parts)},
        {"proof", {{"treeSize", size}, {"rootHash", to_hex(root(size))}, {"hashes", path}}}};
    if (shown) out["id"] = "entry-" + std::to_string(i);
    return out;
  }

  // Evidence of the FLOWs among entries [from, to).
  [[nodiscard]] record::Json document(bool complete, std::size_t from, std::size_t to) const {
    record::Json items = record::Json::array();
    for (std::size_t i = from; i < to; ++i) {
      if (i % 3 == 0 || complete) items.push_back(item(i, i % 3 == 0));
    }
    return {{"format", kFormat},
            {"origin", "daybook/sample"},
            {"keys", {make_signer().verifier().vkey()}},
            {"checkpoint", note(leaves_.size())},
            {"items", std::move(items)},
            {"selection",
             {{"filters", "resource=FLOW"},
              {"treeSize", leaves_.size()},
              {"from", from},
              {"to", to},
              {"complete", complete}}},
            {"scope", {{"tenant", "main"}}}};
  }
  [[nodiscard]] record::Json consistency(std::uint64_t from) const {
    record::Json path = record::Json::array();
    const auto proof = ledger::consistency_proof(from, leaves_.size(),
                                                 [this](unsigned level, std::uint64_t index) {
                                                   return subtree(level, index);
                                                 })
                           .value();
    for (const Hash& hash : proof) path.push_back(to_base64(hash));
    return {{"from", from}, {"fromRoot", to_hex(root(from))}, {"hashes", path}};
  }

 private:
  [[nodiscard]] Hash subtree(unsigned level, std::uint64_t index) const {
    ledger::CompactRange range;
    const std::uint64_t width = 1ULL << level;
    for (std::uint64_t i = index * width; i < (index + 1) * width; ++i) range.append(leaves_[i]);
    return range.root();
  }

  std::vector<record::Parts> parts_;
  std::vector<record::Seed> seeds_;
  std::vector<record::Commitments> commitments_;
  std::vector<Hash> leaves_;
};

}  // namespace daybook::evidence
