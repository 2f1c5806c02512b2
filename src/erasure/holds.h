// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/erasure/redactor.h"
#include "daybook/record/event.h"
#include "daybook/record/json.h"

namespace daybook::erasure {

// What may not be erased while it is there.
struct Hold {
  std::string id;
  std::optional<std::string> tenant;
  std::string filters;  // The query string of a search; may be empty.
  std::string reason;
  UnixMillis since = 0;
  std::string by;  // User id.
};
[[nodiscard]] record::Json to_json(const Hold& hold);

// Which entries lie under which holds.
class HeldEntries {
 public:
  // `entries` ascending.
  void add(const std::string& hold, std::vector<EntryIndex> entries);
  [[nodiscard]] std::vector<std::string> of(EntryIndex index) const;

 private:
  std::vector<std::pair<std::string, std::vector<EntryIndex>>> holds_;
};

// The holds there are: made by entries of the ledger and ended by later ones. Threads: one at a
// time.
class Holds {
 public:
  // Reads those entries.
  static Result<Holds> load(const Doors& doors);

  // From a request's body: `tenant`, `filters`, `reason`. Filters about people are refused but for
  // a user id: the entry stays for ever.
  Result<Hold> parse(const record::Json& body, UnixMillis now) const;
  // The entry that makes or ends one; it counts once the entry is durable.
  [[nodiscard]] static record::Event made(const Hold& hold);
  [[nodiscard]] static record::Event ended(const Hold& hold, const std::string& reason);
  void add(Hold hold);
  void remove(const std::string& id) { holds_.erase(id); }

  [[nodiscard]] const Hold* find(const std::string& id) const;
  [[nodiscard]] record::Json list() const;
  Result<HeldEntries> held(const Doors& doors, UnixMillis now) const;

 private:
  void apply(const record::Event& event);
  std::map<std::string, Hold> holds_;
};

}  // namespace daybook::erasure
