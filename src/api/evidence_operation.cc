// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "covering_checkpoint.h"
#include "evidence_page.h"
#include "evidence_request.h"
#include "operations.h"
#include "piecewise.h"
#include "read_events.h"
#include "rows.h"
#include "search_operations.h"

namespace daybook::api {
namespace {

using ledger::PublishedCheckpoint;
using record::Json;

// Text made before it is written; bounds memory and the time a network thread is held.
constexpr std::size_t kBytesAtOnce = 256 * 1024;

// What was asked for and what will be answered.
struct Evidence {
  EvidenceRequest request;
  PublishedCheckpoint checkpoint;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<std::uint64_t> shown;  // Ascending indexes of the entries that are disclosed.
  Json consistency;                  // Or null.
};

HttpError too_much(std::uint64_t most) {
  return {422,
          "evidence may have at most " + std::to_string(most) +
              " items; narrow it by filters (namespace, startDate, endDate), or by from and to"};
}

// Writes the document, a piece at a time.
class Writer {
 public:
  Writer(const Services& services, const Evidence& evidence, Json scope)
      : reader_(services.reader()),
        evidence_(evidence),
        note_(shown_note(services, evidence.checkpoint)),
        scope_(std::move(scope)),
        next_(evidence.from) {}

  // Everything before and behind the items; one JSON object with its members in order.
  [[nodiscard]] std::string opening() const {
    return "{\"format\":" + dump(evidence::kFormat) + ",\"origin\":" + dump(reader_.origin()) +
           ",\"keys\":" + dump(reader_.keys()) + ",\"checkpoint\":" + dump(note_) +
           ",\"selection\":" + dump(selection()) + ",\"scope\":" + dump(scope_) +
           (evidence_.consistency.is_null() ? ""
                                            : ",\"consistency\":" + dump(evidence_.consistency)) +
           ",\"items\":[";
  }
  [[nodiscard]] static std::string closing() { return "]}\n"; }

  // The following items; empty at the end.
  Result<std::string> piece() {
    std::string out;
    while (next_ < evidence_.to && out.size() < kBytesAtOnce) {
      const std::vector<std::uint64_t>& shown = evidence_.shown;
      const auto at = std::lower_bound(shown.begin(), shown.end(), next_);
      if (!evidence_.request.complete) {
        if (at == shown.end()) break;
        next_ = *at;
      }
      DAYBOOK_ASSIGN_OR_RETURN(const std::string item,
                               item_of(EntryIndex(next_), at != shown.end() && *at == next_));
      out += std::exchange(first_, false) ? "\n" : ",\n";
      out += item;
      ++next_;
    }
    return out;
  }

 private:
  [[nodiscard]] Json selection() const {
    return {{"filters", evidence_.request.filters},
            {"treeSize", evidence_.checkpoint.size.value()},
            {"from", evidence_.from},
            {"to", evidence_.to},
            {"complete", evidence_.request.complete}};
  }

  Result<std::string> item_of(EntryIndex index, bool is_shown) {
    DAYBOOK_ASSIGN_OR_RETURN(const ledger::StoredEntry entry, reader_.read(index));
    const evidence::Shown& shown = evidence_.request.shown;
    Json item = disclosed_entry(entry, reader_.origin(),
                                {is_shown, is_shown && shown.actor, is_shown && shown.change});
    Answer<Json> proof = inclusion_json(reader_, index, evidence_.checkpoint);
    if (!proof) return Error{Errc::corrupt, proof.error().message};
    item["proof"] = *std::move(proof);
    return dump(item);
  }

  const ledger::Reader& reader_;
  const Evidence& evidence_;
  std::string note_;
  Json scope_;
  std::uint64_t next_;
  bool first_ = true;
};

// Finds the entries that are disclosed, within the range and the limits.
Answer<std::vector<std::uint64_t>> select(const Call& call, const Evidence& evidence) {
  const EvidenceRequest& request = evidence.request;
  const std::uint64_t most = request.items_max();
  if (request.complete && evidence.to - evidence.from > most) {
    return tl::unexpected(too_much(most));
  }
  query::Search search;
  search.filter = request.filter;
  bound_filter(call, search.filter);
  const auto cursor = call.services.parts.search.ascending(search.filter, EntryIndex(evidence.from),
                                                           TreeSize(evidence.to));
  if (!cursor) return tl::unexpected(search_error(cursor.error()));
  const auto found = (*cursor)->next(most + 1);
  if (!found) return tl::unexpected(search_error(found.error()));
  if (found->size() > most) return tl::unexpected(too_much(most));
  std::vector<std::uint64_t> shown;
  shown.reserve(found->size());
  for (const EntryIndex index : *found) shown.push_back(index.value());
  return shown;
}

Answer<Json> consistency_of(const ledger::Reader& reader, const Evidence& evidence) {
  if (!evidence.request.since) return Json();
  const TreeSize since(*evidence.request.since);
  if (since > evidence.checkpoint.size) {
    return tl::unexpected(HttpError{422, "since is above the checkpoint's size", "since"});
  }
  return consistency_json(reader, since, evidence.checkpoint.size);
}

// Everything that can be refused, before the head of the answer is out.
Answer<Evidence> prepare(const Call& call, EvidenceRequest request,
                         PublishedCheckpoint checkpoint) {
  Evidence out{std::move(request), std::move(checkpoint), 0, 0, {}, {}};
  const std::uint64_t size = out.checkpoint.size.value();
  out.from = out.request.from.value_or(0);
  out.to = out.request.to.value_or(size);
  if (out.from > out.to || out.to > size) {
    return tl::unexpected(
        HttpError{422, "from and to are no range of a tree of " + std::to_string(size), "/to"});
  }
  if (out.request.html && evidence_page().head.empty()) {
    return tl::unexpected(HttpError{404, "this daybook was built without its web pages"});
  }
  if (call.match.id.empty()) {
    auto shown = select(call, out);
    if (!shown) return tl::unexpected(std::move(shown.error()));
    out.shown = *std::move(shown);
  } else {
    out.shown = {out.from};
  }
  auto consistency = consistency_of(call.services.reader(), out);
  if (!consistency) return tl::unexpected(std::move(consistency.error()));
  out.consistency = *std::move(consistency);
  return out;
}

std::string file_name(const Call& call, const EvidenceRequest& request) {
  std::string name =
      "evidence-" + (call.match.id.empty() ? call.tenant().value_or("all") : call.match.id);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '_';
  }
  return name + (request.html ? ".html" : ".json");
}

net::ResponseHead head_of(const Call& call, const EvidenceRequest& request) {
  net::ResponseHead head =
      piecewise_head(request.html ? "text/html; charset=utf-8" : "application/json");
  head.headers.add("Content-Disposition",
                   "attachment; filename=\"" + file_name(call, request) + "\"");
  return head;
}

net::Task<void> stream(Call& call, Evidence evidence) {
  const bool html = evidence.request.html;
  Writer writer(call.services, evidence, evidence::to_json(scope_of(*call.who, call.tenant())));
  net::ResponseHead head = head_of(call, evidence.request);
  std::string opening = writer.opening();
  std::string closing = Writer::closing();
  if (html) {
    opening = std::string(evidence_page().head) + page_text(opening);
    closing += evidence_page().tail;
  }
  std::function<Result<std::string>()> piece = [&writer, html] {
    auto made = writer.piece();
    return made && html ? Result<std::string>(page_text(*made)) : made;
  };
  co_await send_piecewise(call, std::move(head), std::move(opening), std::move(piece),
                          std::move(closing));
}

net::Task<void> answer(Call& call, Answer<EvidenceRequest> request) {
  Answer<PublishedCheckpoint> checkpoint = tl::unexpected(HttpError{});
  if (request) {
    // A set of entries speaks of all there are now; a single one of any tree that holds it.
    const TreeSize covered = request->to ? TreeSize(*request->to) : call.services.reader().size();
    const TreeSize wanted = request->tree_size ? TreeSize(request->to.value_or(0)) : covered;
    checkpoint = co_await covering_checkpoint(call, wanted, request->tree_size);
  } else {
    checkpoint = tl::unexpected(std::move(request.error()));
  }
  Answer<Evidence> evidence = tl::unexpected(HttpError{});
  if (checkpoint) {
    evidence = prepare(call, *std::move(request), *std::move(checkpoint));
  } else {
    evidence = tl::unexpected(std::move(checkpoint.error()));
  }
  if (!evidence) {
    Answer<net::Response> refused = tl::unexpected(std::move(evidence.error()));
    co_await reply(call, std::move(refused));
    co_return;
  }
  Json detail = {{"treeSize", evidence->checkpoint.size.value()},
                 {"disclosed", evidence->shown.size()},
                 {"complete", evidence->request.complete},
                 {"from", evidence->from},
                 {"to", evidence->to}};
  if (call.match.id.empty()) {
    detail["filters"] = evidence->request.filters;
  } else {
    detail["entryId"] = call.match.id;
  }
  record_read(call, "evidence", std::move(detail));
  co_await stream(call, *std::move(evidence));
}

}  // namespace

net::Task<void> answer_evidence(Call& call) {
  Answer<EvidenceRequest> request = evidence_of_path(call);
  co_await answer(call, std::move(request));
}

net::Task<void> answer_evidence_set(Call& call) {
  Answer<EvidenceRequest> request = co_await evidence_of_body(call);
  co_await answer(call, std::move(request));
}

}  // namespace daybook::api
