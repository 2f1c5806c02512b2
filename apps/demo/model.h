// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/random.h"

#include "call.h"

namespace daybook::demo {

// What a Kestra server keeps, in memory, and how it answers. No I/O.
// Bounds: flows, revisions, executions, values and files are limited; the oldest executions go
// first. Threads: any; one lock, held for one call at a time.
class Model {
 public:
  Model(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  Answer answer(const Call& call);

  // For event streams: the execution as it is now, null if unknown, and whether it has ended.
  struct Followed {
    Json execution;
    bool ended = false;
  };
  Followed follow(const std::string& id);
  Json logs_of(const std::string& id);

 private:
  using FlowKey = std::pair<std::string, std::string>;  // Namespace, id.
  struct Revision {
    Json parsed;
    std::string source;
    bool from_json = false;
    bool disabled = false;
    bool deleted = false;
  };
  struct Flow {
    std::vector<Revision> revisions;  // Revision n at index n - 1.
    [[nodiscard]] const Revision& last() const { return revisions.back(); }
  };
  struct Step {
    std::string state;
    UnixMillis at = 0;
  };
  struct Execution {
    Json body;  // Without state.
    std::vector<Step> steps;
    std::string goal;        // The state it runs to by itself.
    UnixMillis ends_at = 0;  // When it gets there.
    bool ran = false;        // Task runs have been written.
  };
  struct Value {
    Json value;
    std::string type;
    UnixMillis created = 0;
    UnixMillis updated = 0;
    UnixMillis expires = 0;  // 0 = never.
  };
  struct StoredFile {
    std::string content;
    UnixMillis created = 0;
    UnixMillis modified = 0;
  };

  Answer dispatch(const Call& call);

  // Flows (model_flows.cc).
  Answer flows(const Call& call);
  Answer create_flow(const Call& call);
  Answer update_flow(const Call& call, const FlowKey& key);
  Answer patch_task(const Call& call, const FlowKey& key);
  Answer read_flow(const Call& call, const FlowKey& key);
  Answer delete_flow(const Call& call, const FlowKey& key);
  Answer revisions_of(const Call& call, const FlowKey& key);
  Answer search_flows(const Call& call);
  Answer flows_of_namespace(const Call& call);
  Answer bulk_flows(const Call& call, const std::string& space);
  Answer flows_by_ids(const Call& call);
  Answer flows_by_query(const Call& call);
  Answer validate_flows(const Call& call);
  bool switch_flow(const FlowKey& key, std::string_view verb);
  void put_revision(const FlowKey& key, Revision revision);
  void add_triggers(const FlowKey& key, const Json& parsed);
  Json flow_json(const FlowKey& key, unsigned revision, bool with_source) const;
  const Flow* live_flow(const FlowKey& key) const;
  std::vector<FlowKey> matching_flows(const Call& call) const;

  // Executions (model_executions.cc, model_runs.cc).
  Answer executions(const Call& call);
  Answer start_execution(const Call& call, const FlowKey& key);
  Answer webhook(const Call& call);
  Answer search_executions(const Call& call);
  Answer execution_verb(const Call& call, const std::string& id, std::string_view verb);
  Answer executions_by_ids(const Call& call, std::string_view verb);
  Answer executions_by_query(const Call& call, std::string_view verb);
  Answer set_labels(const Call& call, Execution& execution);
  Answer restart(const Call& call, Execution& execution, bool as_new);
  Answer change_status(const Call& call, Execution& execution);
  Answer read_inputs(const Call& call, const Json& flow, Json& inputs);
  std::string why_not(std::string_view verb, const Execution* execution);
  Answer bulk(const Call& call, std::string_view verb, const std::vector<std::string>& ids);
  void apply(std::string_view verb, Execution& execution, const Call& call);
  Execution& add_execution(const FlowKey& key, Json body);
  Execution* find_execution(const std::string& id);
  void settle(Execution& execution);
  void write_runs(Execution& execution, UnixMillis from, UnixMillis to);
  void move_to(Execution& execution, std::string state, UnixMillis at);
  Json execution_json(const Execution& execution) const;
  std::vector<Execution*> matching_executions(const Call& call);

  // The rest (model_namespaces.cc, model_triggers.cc, model_others.cc).
  Answer namespaces(const Call& call);
  Answer values(const Call& call, const std::string& space);
  Answer put_value(const Call& call, const std::string& space, const std::string& key);
  Answer value_list(const std::string& space);
  Answer files(const Call& call, const std::string& space);
  Answer put_file(const Call& call, const std::string& space);
  Answer directory(const Call& call, const std::string& space);
  std::vector<std::string> namespace_names() const;
  Answer triggers(const Call& call);
  Answer update_trigger(const Call& call);
  Answer backfill(const Call& call);
  Answer triggers_by_query(const Call& call);
  Answer triggers_by_list(const Call& call);
  Answer search_triggers(const Call& call);
  Answer logs(const Call& call);
  Answer others(const Call& call);

  std::string new_id() { return random_base62(random_, 22); }
  [[nodiscard]] std::string now_text() const { return format_time(clock_.now()); }

  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;  // Guards everything below.
  std::map<FlowKey, Flow> flows_;
  std::map<std::string, Execution, std::less<>> executions_;
  std::deque<std::string> execution_order_;                          // Oldest first.
  std::map<std::pair<std::string, std::string>, Value> values_;      // Namespace, key.
  std::map<std::pair<std::string, std::string>, StoredFile> files_;  // Namespace, path.
  std::map<std::string, Json> triggers_;                             // `namespace/flow/trigger`.
  std::map<std::string, std::vector<Json>> logs_;                    // By execution.
};

// States that an execution does not leave by itself.
[[nodiscard]] bool is_terminal(std::string_view state);

}  // namespace daybook::demo
