// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <algorithm>

#include "daybook/record/event.h"

namespace daybook::erasure {

namespace {

using record::Json;
using record::Part;

constexpr std::size_t kIndexesShown = 100;
// A selection of at least every n-th entry is read in one go.
constexpr std::uint64_t kDense = 16;

bool tells_of_erasing(const record::Event& event) {
  return event.source == record::Source::system &&
         (event.resource == kRedaction || event.resource == kRetention ||
          event.resource == kLegalHold);
}

class Planner {
 public:
  Planner(const HeldEntries& held, std::optional<UnixMillis> recorded_before)
      : held_(held), recorded_before_(recorded_before) {}

  Status add(const ledger::StoredEntry& entry, std::uint8_t wanted) {
    unsigned parts = 0;
    for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
      if (((wanted >> kind) & 1U) != 0 && !entry.parts.bytes[kind].empty()) parts |= 1U << kind;
    }
    if (parts == 0) return {};
    DAYBOOK_ASSIGN_OR_RETURN(const record::Event event, record::decode(entry.parts));
    if (recorded_before_ &&
        (entry.is_erased(Part::event) || event.recorded_at > *recorded_before_)) {
      return {};
    }
    if ((parts & record::bit_of(Part::event)) != 0 && tells_of_erasing(event)) {
      ++plan.protected_entries;
      parts &= ~unsigned{record::bit_of(Part::event)};
      if (parts == 0) return {};
    }
    if (const auto holds = held_.of(entry.index); !holds.empty()) {
      ++plan.held_entries;
      for (const std::string& id : holds) {
        if (std::find(plan.holds.begin(), plan.holds.end(), id) == plan.holds.end()) {
          plan.holds.push_back(id);
        }
      }
      return {};
    }
    for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
      plan.parts[kind] += (parts >> kind) & 1U;
    }
    plan.erasures.push_back({entry.index, static_cast<std::uint8_t>(parts)});
    return {};
  }

  Plan plan;

 private:
  const HeldEntries& held_;
  const std::optional<UnixMillis> recorded_before_;
};

Json indexes_of(const std::vector<ledger::Erasure>& erasures) {
  Json out = Json::array();
  for (const ledger::Erasure& erasure : erasures) {
    if (out.size() == kIndexesShown) break;
    out.push_back(erasure.index.value());
  }
  return out;
}

}  // namespace

Json Plan::counts() const {
  Json out = {{"entries", erasures.size()},
              {"parts", {{"event", parts[0]}, {"actor", parts[1]}, {"change", parts[2]}}},
              {"firstIndex", nullptr},
              {"lastIndex", nullptr},
              {"protected", protected_entries},
              {"held", held_entries},
              {"holds", holds}};
  if (!erasures.empty()) {
    out["firstIndex"] = erasures.front().index.value();
    out["lastIndex"] = erasures.back().index.value();
  }
  if (erasures.size() <= kIndexesShown) out["indexes"] = indexes_of(erasures);
  if (!elsewhere.empty()) {
    out["elsewhere"] = {{"entries", elsewhere.size()}, {"indexes", indexes_of(elsewhere)}};
  }
  return out;
}

Result<Plan> make_plan(const ledger::Reader& reader, const std::vector<ledger::Erasure>& wanted,
                       const HeldEntries& held, std::optional<UnixMillis> recorded_before) {
  Planner planner(held, recorded_before);
  if (wanted.empty()) return planner.plan;
  const std::uint64_t from = wanted.front().index.value();
  const std::uint64_t to = wanted.back().index.value() + 1;
  if ((to - from) / kDense > wanted.size()) {
    for (const ledger::Erasure& erasure : wanted) {
      DAYBOOK_ASSIGN_OR_RETURN(const ledger::StoredEntry entry, reader.read(erasure.index));
      DAYBOOK_RETURN_IF_ERROR(planner.add(entry, erasure.parts));
    }
    return std::move(planner.plan);
  }
  Status added;
  auto next = wanted.begin();
  DAYBOOK_RETURN_IF_ERROR(
      reader.scan(EntryIndex(from), EntryIndex(to), [&](const ledger::StoredEntry& entry) {
        if (next == wanted.end()) return false;
        if (entry.index != next->index) return true;
        added = planner.add(entry, next->parts);
        ++next;
        return added.has_value();
      }));
  DAYBOOK_RETURN_IF_ERROR(added);
  return std::move(planner.plan);
}

}  // namespace daybook::erasure
