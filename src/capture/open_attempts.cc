// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daybook/capture/gateway.h"

namespace daybook::capture {
namespace {

using record::Event;

constexpr std::size_t kBatchMax = 1'000;

// Attempts that no outcome has named yet, by their place. An outcome follows its attempt closely,
// so that few are open at a time however long the ledger is.
class OpenAttempts {
 public:
  Status visit(const ledger::StoredEntry& entry) {
    // Canonical JSON: no space after a colon. A false match inside `detail` costs one decoding
    // only.
    const std::string& part = entry.parts[record::Part::event];
    const bool attempt = part.find("\"kind\":\"attempt\"") != std::string::npos;
    if (!attempt && part.find("\"attemptId\":") == std::string::npos) {
      return {};
    }
    DAYBOOK_ASSIGN_OR_RETURN(const Event event, record::decode(entry.parts));
    const std::string tenant = event.tenant_id.value_or("");
    if (event.kind == record::Kind::attempt) {
      open_.emplace(key(tenant, event.id), entry.index);
    } else if (event.kind == record::Kind::outcome && event.attempt_id) {
      open_.erase(key(tenant, *event.attempt_id));
    }
    return {};
  }

  [[nodiscard]] std::vector<EntryIndex> left() const {
    std::vector<EntryIndex> indexes;
    indexes.reserve(open_.size());
    for (const auto& [name, index] : open_) {
      indexes.push_back(index);
    }
    std::sort(indexes.begin(), indexes.end());
    return indexes;
  }

 private:
  static std::string key(std::string_view tenant, std::string_view id) {
    const ledger::IdKey bytes = ledger::id_key(tenant, id);
    return std::string(as_text(bytes));
  }

  std::unordered_map<std::string, EntryIndex> open_;
};

Event unknown_outcome(Event event, UnixMillis now, Random& random) {
  event.kind = record::Kind::outcome;
  event.attempt_id = event.id;
  event.id = random_id(random);
  event.recorded_at = now;
  event.result = record::ResultWord::unknown;
  event.message = "daybook stopped before the end of this request was recorded";
  return event;
}

Status store(ledger::Ledger& ledger, std::vector<ledger::Draft>& batch) {
  if (batch.empty()) {
    return {};
  }
  const Result<ledger::Appended> appended =
      ledger::append_and_wait(ledger, std::exchange(batch, {}));
  if (!appended) {
    return appended.error();
  }
  return {};
}

}  // namespace

Result<std::uint64_t> close_open_attempts(ledger::Ledger& ledger, const Clock& clock,
                                          Random& random) {
  const ledger::Reader& reader = ledger.reader();
  OpenAttempts open;
  Status visited;
  const Status scanned = reader.scan(EntryIndex(0), EntryIndex(reader.size().value()),
                                     [&](const ledger::StoredEntry& entry) {
                                       visited = open.visit(entry);
                                       return visited.has_value();
                                     });
  DAYBOOK_RETURN_IF_ERROR(scanned);
  DAYBOOK_RETURN_IF_ERROR(visited);
  const std::vector<EntryIndex> left = open.left();
  std::vector<ledger::Draft> batch;
  for (const EntryIndex index : left) {
    DAYBOOK_ASSIGN_OR_RETURN(const ledger::StoredEntry entry, reader.read(index));
    DAYBOOK_ASSIGN_OR_RETURN(Event event, record::decode(entry.parts));
    const Event outcome = unknown_outcome(std::move(event), clock.now(), random);
    batch.push_back(ledger::prepare(outcome, "", random));
    if (batch.size() == kBatchMax) {
      DAYBOOK_RETURN_IF_ERROR(store(ledger, batch));
    }
  }
  DAYBOOK_RETURN_IF_ERROR(store(ledger, batch));
  return static_cast<std::uint64_t>(left.size());
}

}  // namespace daybook::capture
