// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"
#include "daybook/query/filter.h"
#include "daybook/record/event.h"
#include "daybook/record/json.h"

namespace daybook::erasure {

// What age alone decides about: entries that were recorded longer ago than `older_than_ms` and fit
// `filters`. Kestra's PurgeAuditLogs selects by the same.
struct Policy {
  std::string name;
  std::int64_t older_than_ms = 0;
  std::optional<std::string> tenant;
  query::Params filters;     // As of a search: namespace, resource, type …
  std::uint8_t parts = 0x7;  // Bit k−1 for part k.
};

// Whoever asks; signs what is recorded about it.
struct By {
  std::string id;  // Two-person approval: the approver's differs.
  record::Actor actor;
  record::ActorKind kind = record::ActorKind::system;
};
[[nodiscard]] By daybook_itself();

// The parts of daybook that erasing goes through. Each blocks; none is called from a thread of the
// network or of the ledger.
struct Doors {
  const ledger::Reader& reader;
  // Every match, ascending; of every kind.
  std::function<Result<std::vector<EntryIndex>>(const query::Filter&)> find;
  std::function<Status(std::vector<record::Event>)> record;  // Durable when it returns.
  std::function<Status(std::vector<ledger::Erasure>)> erase;
  std::function<Status()> forget;  // What search and state.db still hold of it.
};

// Lawful forgetting: redactions, retention, legal holds, and the entries that tell of them.
//
// Who, why, when, how many: an entry is durable before the first byte goes, another one follows the
// last. Neither names what was erased. Holds lie in the ledger itself, as the entries that made and
// removed them, so that none is lifted unseen. A request that waits for a second person lies in
// `redaction-requests` until it is approved, withdrawn, or a week old.
//
// Answers and bodies are the JSON of the HTTP API (openapi.yaml). Errc::invalid with a JSON
// pointer; Errc::exists with the hold's id for what a legal hold forbids; Errc::denied for an
// approval by whoever asked.
// Threads: any; one at a time. A call may last as long as reading the ledger.
class Redactor {
 public:
  struct Options {
    FileSystem& fs;
    FileSystem::Path data_dir;
    const Clock& clock;
    Random& random;
    // Absent: as the last server was told.
    std::optional<bool> two_person;
    std::vector<Policy> policies;
  };
  // Reads holds and waiting requests; search must be complete by then.
  static Result<std::unique_ptr<Redactor>> open(Doors doors, Options options);
  virtual ~Redactor() = default;

  virtual Result<record::Json> redact(const record::Json& body, const By& by) = 0;
  virtual Result<record::Json> requests() = 0;
  virtual Result<record::Json> approve(const std::string& id, const By& by) = 0;
  virtual Result<record::Json> withdraw(const std::string& id, const By& by) = 0;

  virtual Result<record::Json> policies() = 0;
  virtual Result<record::Json> run_retention(bool dry_run, const By& by) = 0;

  virtual Result<record::Json> holds() = 0;
  virtual Result<record::Json> add_hold(const record::Json& body, const By& by) = 0;
  virtual Result<record::Json> remove_hold(const std::string& id, const std::string& reason,
                                           const By& by) = 0;
};

}  // namespace daybook::erasure
