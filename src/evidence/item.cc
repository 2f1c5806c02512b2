// SPDX-License-Identifier: Apache-2.0
#include "item.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/ledger/merkle.h"

#include "members.h"

namespace daybook::evidence {
namespace {

using record::Json;
using record::Part;

Error refused(std::string what) {
  return Error{Errc::denied, std::move(what)};
}

struct CheckedPart {
  PartState state = PartState::disclosed;
  std::string bytes;
  Hash commitment{};
};

Result<CheckedPart> check_hidden_part(const Json& part) {
  DAYBOOK_RETURN_IF_ERROR(expect_members(part, "it", {"commitment", "state"}));
  DAYBOOK_ASSIGN_OR_RETURN(const std::string state, text_member(part, "state"));
  if (state != "withheld" && state != "erased") {
    return Error{Errc::invalid, "state is neither withheld nor erased"};
  }
  CheckedPart out;
  out.state = state == "erased" ? PartState::erased : PartState::withheld;
  DAYBOOK_ASSIGN_OR_RETURN(out.commitment, hex_hash_member(part, "commitment"));
  return out;
}

Result<CheckedPart> check_part(const Json& part, Part which) {
  if (part.is_object() && part.contains("state")) return check_hidden_part(part);
  DAYBOOK_RETURN_IF_ERROR(expect_members(part, "it", {"bytes", "salt", "commitment"}));
  CheckedPart out;
  DAYBOOK_ASSIGN_OR_RETURN(out.commitment, hex_hash_member(part, "commitment"));
  DAYBOOK_ASSIGN_OR_RETURN(const std::string bytes_text, text_member(part, "bytes"));
  DAYBOOK_ASSIGN_OR_RETURN(const std::string salt_text, text_member(part, "salt"));
  const Result<Bytes> bytes = from_base64(bytes_text);
  const Result<Bytes> salt = from_base64(salt_text);
  record::Salt fixed{};
  if (!bytes || !salt || salt->size() != fixed.size()) {
    return Error{Errc::invalid, "its bytes or salt are not base64 of the right length"};
  }
  std::copy(salt->begin(), salt->end(), fixed.begin());
  out.bytes = as_text(*bytes);
  if (record::commit(which, fixed, out.bytes) != out.commitment) {
    return refused("its bytes and salt do not give its commitment");
  }
  return out;
}

// The three parts, their states into `item`.
Result<record::Commitments> check_parts(const Json& parts, Item& item, record::Parts& bytes) {
  DAYBOOK_RETURN_IF_ERROR(expect_members(parts, "parts", {"event", "actor", "change"}));
  record::Commitments commitments{};
  for (std::size_t i = 0; i < record::kPartCount; ++i) {
    const auto& [name, which] = record::kParts.at(i);
    Result<CheckedPart> part = check_part(parts.at(name), which);
    if (!part) {
      return Error{part.error().code, std::string(name) + " part: " + part.error().context};
    }
    item.states.at(i) = part->state;
    commitments.at(i) = part->commitment;
    bytes.bytes.at(i) = std::move(part->bytes);
  }
  return commitments;
}

Status check_leaf(const Json& item, const record::Commitments& commitments) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::string leaf, text_member(item, "leaf"));
  if (leaf != to_base64(record::leaf_data(commitments))) {
    return refused("the leaf is not made of the three commitments");
  }
  DAYBOOK_ASSIGN_OR_RETURN(const Hash hash, hex_hash_member(item, "leafHash"));
  if (hash != record::leaf_hash(commitments)) return refused("leafHash is not the leaf's");
  return {};
}

Status check_inclusion(const Json& proof, const Item& item, const ledger::Checkpoint& checkpoint) {
  DAYBOOK_RETURN_IF_ERROR(expect_members(proof, "proof", {"treeSize", "rootHash", "hashes"}));
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t size, number_member(proof, "treeSize"));
  DAYBOOK_ASSIGN_OR_RETURN(const Hash root, hex_hash_member(proof, "rootHash"));
  DAYBOOK_ASSIGN_OR_RETURN(const std::vector<Hash> hashes, hashes_member(proof, "hashes"));
  if (size != checkpoint.size.value() || root != checkpoint.root) {
    return refused("the proof leads to another tree than the checkpoint's");
  }
  if (!ledger::verify_inclusion(item.index, size, item.leaf_hash, hashes, root)) {
    return refused("the inclusion proof does not lead from the leaf to the signed root");
  }
  return {};
}

// A shown event must be readable and carry the item's id; a hidden one has none, and hides all.
Status check_event(const Json& json, const record::Parts& bytes, Item& item) {
  if (!item.shows(Part::event)) {
    if (json.contains("id")) return Error{Errc::invalid, "an id without its event part"};
    const bool is_withheld = item.states.front() == PartState::withheld;
    if (is_withheld && (item.shows(Part::actor) || item.shows(Part::change))) {
      return Error{Errc::invalid, "a part is shown but its event is withheld"};
    }
    return {};
  }
  if (!json.contains("id")) return Error{Errc::invalid, "it lacks id"};
  DAYBOOK_ASSIGN_OR_RETURN(const std::string id, text_member(json, "id"));
  Result<record::Event> event = record::decode(bytes);
  if (!event) return refused("its parts hold no event: " + event.error().context);
  if (event->id != id) return refused("id is not the event's");
  item.event = *std::move(event);
  return {};
}

}  // namespace

Result<Item> check_item(const Json& json, const ledger::Checkpoint& checkpoint) {
  DAYBOOK_RETURN_IF_ERROR(expect_members(
      json, "it", {"index", "origin", "leaf", "leafHash", "parts", "proof"}, {"id"}));
  Item item;
  DAYBOOK_ASSIGN_OR_RETURN(item.index, number_member(json, "index"));
  DAYBOOK_ASSIGN_OR_RETURN(const std::string origin, text_member(json, "origin"));
  if (origin != checkpoint.origin) return refused("origin is another ledger's");
  record::Parts bytes;
  DAYBOOK_ASSIGN_OR_RETURN(const record::Commitments commitments,
                           check_parts(json.at("parts"), item, bytes));
  item.leaf_hash = record::leaf_hash(commitments);
  DAYBOOK_RETURN_IF_ERROR(check_leaf(json, commitments));
  DAYBOOK_RETURN_IF_ERROR(check_inclusion(json.at("proof"), item, checkpoint));
  DAYBOOK_RETURN_IF_ERROR(check_event(json, bytes, item));
  return item;
}

}  // namespace daybook::evidence
