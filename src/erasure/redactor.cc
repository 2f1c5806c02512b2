// SPDX-License-Identifier: Apache-2.0
#include "daybook/erasure/redactor.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "daybook/core/percent.h"

#include "holds.h"
#include "person.h"
#include "plan.h"
#include "requests.h"
#include "selection.h"

namespace daybook::erasure {

namespace {

using record::Json;

std::string kind_of(const Selection& selection) {
  if (!selection.person.empty()) return "person";
  return selection.filters ? "filters" : "entry";
}

std::vector<ledger::Erasure> all_of(const std::vector<EntryIndex>& entries, std::uint8_t parts) {
  std::vector<ledger::Erasure> out;
  out.reserve(entries.size());
  for (const EntryIndex index : entries) out.push_back({index, parts});
  return out;
}

std::vector<ledger::Erasure> merged(const std::vector<ledger::Erasure>& one,
                                    const std::vector<ledger::Erasure>& other) {
  std::map<EntryIndex, unsigned> parts;
  for (const ledger::Erasure& erasure : one) parts[erasure.index] |= erasure.parts;
  for (const ledger::Erasure& erasure : other) parts[erasure.index] |= erasure.parts;
  std::vector<ledger::Erasure> out;
  out.reserve(parts.size());
  for (const auto& [index, bits] : parts) out.push_back({index, static_cast<std::uint8_t>(bits)});
  return out;
}

// The filters, where repeating them says nothing that is about to go.
void tell_filters(const Selection& selection, Json& detail) {
  if (!selection.filters || (selection.parts & record::bit_of(record::Part::event)) != 0) return;
  const auto filter = filter_of(parse_query(*selection.filters), {}, 0);
  if (filter && !query::has_clause(*filter, query::reads_actor))
    detail["filters"] = *selection.filters;
}

class OneRedactor final : public Redactor {
 public:
  OneRedactor(Doors doors, Options options, Holds holds, Requests requests)
      : doors_(std::move(doors)),
        clock_(options.clock),
        random_(options.random),
        policies_(std::move(options.policies)),
        holds_(std::move(holds)),
        requests_(std::move(requests)) {}

  Result<Json> redact(const Json& body, const By& by) override {
    DAYBOOK_ASSIGN_OR_RETURN(const Selection selection, parse_selection(body));
    DAYBOOK_ASSIGN_OR_RETURN(const bool is_dry, flag_member(body, "dryRun"));
    std::string reason;
    if (!is_dry || body.contains("reason")) {
      DAYBOOK_ASSIGN_OR_RETURN(reason, parse_reason(body));
    }
    const std::scoped_lock lock(mutex_);
    DAYBOOK_ASSIGN_OR_RETURN(const Plan plan, plan_of(selection));
    if (is_dry) return answer(plan, "dry-run");
    DAYBOOK_RETURN_IF_ERROR(refuse_held(plan));
    if (requests_.two_person()) return queue(selection, reason, plan, by);
    return carry_out(selection, reason, plan, by, {});
  }

  Result<Json> requests() override {
    const std::scoped_lock lock(mutex_);
    Json list = Json::array();
    for (const Request& request : requests_.waiting(clock_.now())) {
      list.push_back(to_json(request));
    }
    return Json{{"twoPerson", requests_.two_person()}, {"requests", std::move(list)}};
  }

  Result<Json> approve(const std::string& id, const By& by) override {
    const std::scoped_lock lock(mutex_);
    DAYBOOK_ASSIGN_OR_RETURN(const Request request, requests_.find(id, clock_.now()));
    if (request.by == by.id) {
      return Error{Errc::denied, "a second person approves: not the one who asked"};
    }
    // Found anew: what came meanwhile goes as well.
    DAYBOOK_ASSIGN_OR_RETURN(const Plan plan, plan_of(request.selection));
    DAYBOOK_RETURN_IF_ERROR(refuse_held(plan));
    DAYBOOK_ASSIGN_OR_RETURN(Json done,
                             carry_out(request.selection, request.reason, plan, by, request.by));
    DAYBOOK_RETURN_IF_ERROR(requests_.remove(id));
    return done;
  }

  Result<Json> withdraw(const std::string& id, const By& by) override {
    const std::scoped_lock lock(mutex_);
    DAYBOOK_ASSIGN_OR_RETURN(const Request request, requests_.find(id, clock_.now()));
    record::Event event = event_of(kRedaction, "WITHDRAW", by);
    event.detail["requestId"] = id;
    event.detail["requestedBy"] = request.by;
    DAYBOOK_RETURN_IF_ERROR(doors_.record({std::move(event)}));
    DAYBOOK_RETURN_IF_ERROR(requests_.remove(id));
    return Json{{"status", "withdrawn"}, {"requestId", id}};
  }

  Result<Json> policies() override {
    Json list = Json::array();
    for (const Policy& policy : policies_) {
      Json one = {{"name", policy.name},
                  {"olderThanSeconds", policy.older_than_ms / 1000},
                  {"filters", encode_query(policy.filters)},
                  {"parts", part_names(policy.parts)}};
      if (policy.tenant) one["tenant"] = *policy.tenant;
      list.push_back(std::move(one));
    }
    return Json{{"policies", std::move(list)}};
  }

  Result<Json> run_retention(bool dry_run, const By& by) override {
    const std::scoped_lock lock(mutex_);
    const UnixMillis now = clock_.now();
    DAYBOOK_ASSIGN_OR_RETURN(const HeldEntries held, holds_.held(doors_, now));
    std::vector<ledger::Erasure> wanted;
    Json list = Json::array();
    Plan all;
    for (const Policy& policy : policies_) {
      DAYBOOK_ASSIGN_OR_RETURN(const Plan plan, plan_of(policy, held, now));
      wanted = merged(wanted, plan.erasures);
      list.push_back({{"name", policy.name},
                      {"entries", plan.erasures.size()},
                      {"held", plan.held_entries},
                      {"holds", plan.holds}});
    }
    // Once more over all of them, so that what two policies ask for is counted once.
    DAYBOOK_ASSIGN_OR_RETURN(all, make_plan(doors_.reader, wanted, {}, {}));
    Json detail = all.counts();
    detail.erase("held");
    detail.erase("holds");
    detail["policies"] = list;
    if (!dry_run) {
      DAYBOOK_RETURN_IF_ERROR(erase(kRetention, "PURGE", "retention", all, detail, by));
    }
    detail["status"] = dry_run ? "dry-run" : "done";
    return detail;
  }

  Result<Json> holds() override {
    const std::scoped_lock lock(mutex_);
    return Json{{"holds", holds_.list()}};
  }

  Result<Json> add_hold(const Json& body, const By& by) override {
    const std::scoped_lock lock(mutex_);
    DAYBOOK_ASSIGN_OR_RETURN(Hold hold, holds_.parse(body, clock_.now()));
    hold.id = random_id(random_);
    hold.by = by.id;
    record::Event event = Holds::made(hold);
    sign(event, by);
    DAYBOOK_RETURN_IF_ERROR(doors_.record({std::move(event)}));
    Json out = to_json(hold);
    holds_.add(std::move(hold));
    return out;
  }

  Result<Json> remove_hold(const std::string& id, const std::string& reason,
                           const By& by) override {
    DAYBOOK_RETURN_IF_ERROR(parse_reason(Json{{"reason", reason}}));
    const std::scoped_lock lock(mutex_);
    const Hold* hold = holds_.find(id);
    if (hold == nullptr) return Error{Errc::not_found, "no hold of that id"};
    Json out = to_json(*hold);
    record::Event event = Holds::ended(*hold, reason);
    sign(event, by);
    DAYBOOK_RETURN_IF_ERROR(doors_.record({std::move(event)}));
    holds_.remove(id);
    return out;
  }

 private:
  void sign(record::Event& event, const By& by) const {
    event.date = clock_.now();
    event.actor = by.actor;
    event.actor_kind = by.kind;
  }

  // daybook's own acts are of kind system and have no tenant.
  record::Event event_of(std::string_view resource, std::string_view action, const By& by) const {
    record::Event event;
    event.id = random_id(random_);
    event.kind = record::Kind::system;
    event.source = record::Source::system;
    event.resource = resource;
    event.action = action;
    sign(event, by);
    return event;
  }

  static Json answer(const Plan& plan, std::string_view status) {
    Json out = plan.counts();
    out["status"] = status;
    return out;
  }

  Result<Plan> plan_of(const Selection& selection) const {
    const UnixMillis now = clock_.now();
    DAYBOOK_ASSIGN_OR_RETURN(const HeldEntries held, holds_.held(doors_, now));
    if (!selection.person.empty()) {
      DAYBOOK_ASSIGN_OR_RETURN(PersonHits hits,
                               find_person(doors_.reader, selection.person, selection.tenant));
      if (selection.everywhere) hits.actors = merged(hits.actors, hits.elsewhere);
      DAYBOOK_ASSIGN_OR_RETURN(Plan plan, make_plan(doors_.reader, hits.actors, held, {}));
      if (!selection.everywhere) plan.elsewhere = std::move(hits.elsewhere);
      return plan;
    }
    DAYBOOK_ASSIGN_OR_RETURN(const auto entries, entries_of(selection, now));
    return make_plan(doors_.reader, all_of(entries, selection.parts), held, {});
  }

  Result<std::vector<EntryIndex>> entries_of(const Selection& selection, UnixMillis now) const {
    if (selection.filters) {
      DAYBOOK_ASSIGN_OR_RETURN(const query::Filter filter,
                               filter_of(parse_query(*selection.filters), selection.tenant, now));
      return doors_.find(filter);
    }
    std::optional<EntryIndex> index = selection.index;
    if (selection.id) {
      index = doors_.reader.find(ledger::id_key(selection.tenant.value_or(""), *selection.id));
    }
    if (!index || index->value() >= doors_.reader.size().value()) {
      return Error{Errc::not_found, "no such entry"};
    }
    return std::vector<EntryIndex>{*index};
  }

  Result<Plan> plan_of(const Policy& policy, const HeldEntries& held, UnixMillis now) const {
    DAYBOOK_ASSIGN_OR_RETURN(query::Filter filter, filter_of(policy.filters, policy.tenant, now));
    const UnixMillis cutoff = now - policy.older_than_ms;
    DAYBOOK_ASSIGN_OR_RETURN(const auto entries, doors_.find(filter));
    return make_plan(doors_.reader, all_of(entries, policy.parts), held, cutoff);
  }

  static Status refuse_held(const Plan& plan) {
    if (plan.holds.empty()) return {};
    std::string ids;
    for (const std::string& id : plan.holds) ids += (ids.empty() ? "" : ", ") + id;
    return Error{Errc::exists, "legal hold " + ids + " forbids it, of " +
                                   std::to_string(plan.held_entries) + " entries"};
  }

  Result<Json> queue(const Selection& selection, const std::string& reason, const Plan& plan,
                     const By& by) {
    Request request{random_id(random_), by.id, clock_.now(), reason, selection};
    record::Event event = event_of(kRedaction, "REQUEST", by);
    event.reason = reason;
    event.detail = plan.counts();
    event.detail["selection"] = kind_of(selection);
    event.detail["requestId"] = request.id;
    Json out = answer(plan, "waiting");
    out["requestId"] = request.id;
    const std::string id = request.id;
    DAYBOOK_RETURN_IF_ERROR(requests_.add(std::move(request), clock_.now()));
    if (const Status told = doors_.record({std::move(event)}); !told) {
      DAYBOOK_RETURN_IF_ERROR(requests_.remove(id));
      return told.error();
    }
    return out;
  }

  Result<Json> carry_out(const Selection& selection, const std::string& reason, const Plan& plan,
                         const By& by, const std::optional<std::string>& requested_by) {
    Json detail = plan.counts();
    detail["selection"] = kind_of(selection);
    if (requested_by) detail["requestedBy"] = *requested_by;
    if (selection.tenant) detail["tenant"] = *selection.tenant;
    tell_filters(selection, detail);
    DAYBOOK_RETURN_IF_ERROR(erase(kRedaction, "REDACT", reason, plan, detail, by));
    return answer(plan, "done");
  }

  // That it begins is on record before a byte goes, that it ended when all are gone. A crash in
  // between is finished when the ledger opens; then only the first of the two is there.
  Status erase(std::string_view resource, std::string_view action, const std::string& reason,
               const Plan& plan, const Json& detail, const By& by) {
    record::Event end = event_of(resource, action, by);
    end.reason = reason;
    end.detail = detail;
    if (plan.erasures.empty()) return doors_.record({std::move(end)});
    record::Event begin = end;
    begin.id = random_id(random_);
    begin.result = record::ResultWord::unknown;
    begin.message = "begun";
    end.attempt_id = begin.id;
    DAYBOOK_RETURN_IF_ERROR(doors_.record({std::move(begin)}));
    Status gone = doors_.erase(plan.erasures);
    if (gone) gone = doors_.forget();
    if (!gone) {
      end.result = record::ResultWord::unknown;
      end.message = "not finished: " + gone.error().context;
    }
    end.date = clock_.now();
    DAYBOOK_RETURN_IF_ERROR(doors_.record({std::move(end)}));
    return gone;
  }

  const Doors doors_;
  const Clock& clock_;
  Random& random_;
  const std::vector<Policy> policies_;
  std::mutex mutex_;  // For the rest.
  Holds holds_;
  Requests requests_;
};

}  // namespace

By daybook_itself() {
  By by;
  by.actor = record::system_actor();
  by.id = *by.actor.user_id;
  return by;
}

Result<std::unique_ptr<Redactor>> Redactor::open(Doors doors, Options options) {
  DAYBOOK_ASSIGN_OR_RETURN(Holds holds, Holds::load(doors));
  DAYBOOK_ASSIGN_OR_RETURN(Requests requests, Requests::load(options.fs, options.data_dir));
  if (options.two_person) {
    DAYBOOK_RETURN_IF_ERROR(requests.set_two_person(*options.two_person));
  }
  return std::make_unique<OneRedactor>(std::move(doors), std::move(options), std::move(holds),
                                       std::move(requests));
}

}  // namespace daybook::erasure
