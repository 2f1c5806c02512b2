// SPDX-License-Identifier: Apache-2.0
#include "daybook/evidence/verify.h"

#include <algorithm>
#include <utility>

#include "daybook/evidence/selection.h"
#include "daybook/ledger/checkpoint.h"
#include "daybook/ledger/merkle.h"

#include "item.h"
#include "members.h"

namespace daybook::evidence {
namespace {

using record::Json;
using record::Part;

constexpr std::size_t kFailuresMax = 100;

Error refused(std::string what) {
  return Error{Errc::denied, std::move(what)};
}

Error within(std::string_view where, const Error& error) {
  return Error{error.code, std::string(where) + ": " + error.context};
}

// One run over one document.
class Verifier {
 public:
  explicit Verifier(const VerifyOptions& options) : options_(options) {}

  Report run(std::string_view text) {
    const Status status = check(text);
    if (!status) fail({}, {}, status.error().context);
    report_.ok = report_.failures.empty();
    return std::move(report_);
  }

 private:
  Status check(std::string_view text) {
    const Result<Json> document = record::parse_json(text);
    if (!document) return within("not JSON", document.error());
    DAYBOOK_RETURN_IF_ERROR(check_head(*document));
    DAYBOOK_RETURN_IF_ERROR(check_selection(document->at("selection")));
    if (document->contains("scope")) {
      DAYBOOK_RETURN_IF_ERROR(check_scope(document->at("scope")));
    }
    const Json& items = document->at("items");
    if (!items.is_array()) return Error{Errc::invalid, "items is not an array"};
    check_items(items);
    if (document->contains("consistency")) {
      DAYBOOK_RETURN_IF_ERROR(check_consistency(document->at("consistency")));
    }
    return check_anchor();
  }

  Status check_head(const Json& document) {
    DAYBOOK_RETURN_IF_ERROR(expect_members(
        document, "the document", {"format", "origin", "keys", "checkpoint", "items", "selection"},
        {"scope", "consistency"}));
    DAYBOOK_ASSIGN_OR_RETURN(const std::string format, text_member(document, "format"));
    if (format != kFormat) {
      return Error{Errc::invalid, "format is not " + std::string(kFormat)};
    }
    DAYBOOK_ASSIGN_OR_RETURN(report_.origin, text_member(document, "origin"));
    DAYBOOK_ASSIGN_OR_RETURN(report_.keys, texts_member(document, "keys"));
    DAYBOOK_ASSIGN_OR_RETURN(const std::string note, text_member(document, "checkpoint"));
    std::vector<crypto::NoteVerifier> named;
    for (const std::string& vkey : report_.keys) {
      Result<crypto::NoteVerifier> key = crypto::NoteVerifier::parse(vkey);
      if (!key) return within("keys", key.error());
      if (key->vkey() != vkey) return Error{Errc::invalid, "keys: a key in another spelling"};
      named.push_back(*std::move(key));
    }
    report_.key_from_outside = !options_.keys.empty();
    keys_ = report_.key_from_outside ? options_.keys : std::move(named);
    Result<ledger::Checkpoint> checkpoint = ledger::open_checkpoint(note, keys_);
    if (!checkpoint) return within("checkpoint", checkpoint.error());
    if (checkpoint->origin != report_.origin) {
      return refused("checkpoint: it is of another origin than the document says");
    }
    checkpoint_ = *std::move(checkpoint);
    report_.tree_size = checkpoint_.size.value();
    report_.root = checkpoint_.root;
    return {};
  }

  Status check_selection(const Json& selection) {
    DAYBOOK_RETURN_IF_ERROR(
        expect_members(selection, "selection", {"filters", "treeSize", "from", "to", "complete"}));
    DAYBOOK_ASSIGN_OR_RETURN(report_.filters, text_member(selection, "filters"));
    DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t size, number_member(selection, "treeSize"));
    DAYBOOK_ASSIGN_OR_RETURN(report_.from, number_member(selection, "from"));
    DAYBOOK_ASSIGN_OR_RETURN(report_.to, number_member(selection, "to"));
    DAYBOOK_ASSIGN_OR_RETURN(report_.complete, bool_member(selection, "complete"));
    if (size != report_.tree_size) {
      return refused("selection: treeSize is not the checkpoint's");
    }
    if (report_.from > report_.to || report_.to > size) {
      return refused("selection: from and to are no range of this tree");
    }
    Result<query::Filter> filter = parse_filters(report_.filters);
    if (!filter) return within("selection: filters", filter.error());
    filter_ = *std::move(filter);
    return {};
  }

  Status check_scope(const Json& json) {
    DAYBOOK_RETURN_IF_ERROR(
        expect_members(json, "scope", {}, {"tenant", "namespace", "submitter"}));
    Scope scope;
    for (const auto& [name, into] :
         {std::pair{"tenant", &scope.tenant}, std::pair{"namespace", &scope.namespace_},
          std::pair{"submitter", &scope.submitter}}) {
      if (!json.contains(name)) continue;
      DAYBOOK_ASSIGN_OR_RETURN(*into, text_member(json, name));
    }
    report_.scope = json;
    for (query::Clause& clause : clauses_of(scope)) filter_.all.push_back(std::move(clause));
    return {};
  }

  void check_items(const Json& items) {
    report_.items = items.size();
    std::uint64_t next = report_.from;  // Smallest index the next item may have.
    std::uint64_t position = 0;
    for (const Json& json : items) {
      const Result<Item> item = check_item(json, checkpoint_);
      if (!item) {
        fail(position, index_of(json), item.error().context);
        ++next;
      } else {
        if (const Status placed = check_place(*item, next); !placed) {
          fail(position, item->index, placed.error().context);
        }
        if (const Status shown = check_shown(*item); !shown) {
          fail(position, item->index, shown.error().context);
        }
        next = item->index + 1;
        leaves_.append(item->leaf_hash);
      }
      ++position;
    }
    if (report_.complete && next < report_.to) {
      fail({}, next, "selection: it says complete, but entries are missing from here on");
    }
  }

  [[nodiscard]] Status check_place(const Item& item, std::uint64_t next) const {
    if (item.index >= report_.to || item.index < report_.from) {
      return refused("it lies outside of the selection's range");
    }
    if (item.index < next) return refused("it is given twice or out of order");
    if (report_.complete && item.index != next) {
      return refused("selection: it says complete, but entries before this one are missing");
    }
    return {};
  }

  Status check_shown(const Item& item) {
    for (const PartState state : item.states) {
      report_.erased += state == PartState::erased ? 1U : 0U;
    }
    if (!item.event) {
      ++report_.withheld;
      const bool is_erased = item.states.front() == PartState::erased;
      return report_.complete || is_erased ? Status() : refused("it shows nothing");
    }
    ++report_.disclosed;
    const query::Filter asked =
        answerable(filter_, {item.shows(Part::actor), item.shows(Part::change)});
    report_.not_evaluated += asked == filter_ ? 0U : 1U;
    if (!query::matches(asked, *item.event)) {
      return refused("its event is not what the selection asks for");
    }
    return {};
  }

  Status check_consistency(const Json& json) {
    DAYBOOK_RETURN_IF_ERROR(expect_members(json, "consistency", {"from", "fromRoot", "hashes"}));
    DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t from, number_member(json, "from"));
    DAYBOOK_ASSIGN_OR_RETURN(const Hash root, hex_hash_member(json, "fromRoot"));
    DAYBOOK_ASSIGN_OR_RETURN(const std::vector<Hash> hashes, hashes_member(json, "hashes"));
    if (from == 0 ||
        !ledger::verify_consistency(from, report_.tree_size, hashes, root, checkpoint_.root)) {
      return refused("consistency: the checkpoint's tree does not extend the earlier one");
    }
    earlier_ = {from, root};
    return {};
  }

  // Holds the checkpoint against one that was kept outside.
  Status check_anchor() {
    if (options_.saved_checkpoint.empty()) return {};
    const Result<ledger::Checkpoint> saved =
        ledger::open_checkpoint(options_.saved_checkpoint, keys_);
    if (!saved) return within("saved checkpoint", saved.error());
    if (saved->origin != report_.origin) return refused("saved checkpoint: of another origin");
    const std::uint64_t size = saved->size.value();
    const bool is_whole = report_.complete && report_.from == 0 && leaves_.size() == size;
    std::optional<Hash> root;
    if (size == report_.tree_size) {
      root = checkpoint_.root;
    } else if (size == earlier_.size) {
      root = earlier_.root;
    } else if (is_whole) {
      root = leaves_.root();
    }
    if (!root) {
      return refused("saved checkpoint: the evidence says nothing about a tree of size " +
                     std::to_string(size) + "; ask for it with since=" + std::to_string(size));
    }
    if (*root != saved->root) {
      return refused("saved checkpoint: the evidence is of a tree that contradicts it");
    }
    report_.anchored_to = size;
    return {};
  }

  static std::optional<std::uint64_t> index_of(const Json& item) {
    if (!item.is_object() || !item.contains("index")) return std::nullopt;
    const Json& index = item.at("index");
    return index.is_number_unsigned() ? std::optional(index.get<std::uint64_t>()) : std::nullopt;
  }

  void fail(std::optional<std::uint64_t> item, std::optional<std::uint64_t> index,
            std::string what) {
    if (report_.failures.size() < kFailuresMax) {
      report_.failures.push_back({item, index, std::move(what)});
    }
  }

  struct EarlierTree {
    std::uint64_t size = 0;
    Hash root{};
  };

  const VerifyOptions& options_;
  Report report_;
  std::vector<crypto::NoteVerifier> keys_;
  ledger::Checkpoint checkpoint_;
  query::Filter filter_;
  ledger::CompactRange leaves_;
  EarlierTree earlier_;
};

}  // namespace

Report verify(std::string_view document, const VerifyOptions& options) {
  return Verifier(options).run(document);
}

}  // namespace daybook::evidence
