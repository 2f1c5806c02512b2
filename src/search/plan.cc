// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <algorithm>
#include <utility>

#include "daybook/query/values.h"

#include "field_columns.h"

namespace daybook::search {
namespace {

using query::Clause;
using query::Field;
using query::Op;

// A look-up of rows one by one costs about this many times a step of a scan.
constexpr std::uint64_t kLookupCost = 8;

std::uint32_t word_set(const Clause& clause, WordField field) {
  std::uint32_t words = 0;
  std::uint32_t bit = 1;
  for (const auto word : words_of(field)) {
    if (query::fits(clause, word) != query::is_complement(clause.op)) words |= bit;
    bit <<= 1U;
  }
  return words;
}

DateTest date_test(const Clause& clause) {
  const auto time = clause.time;
  switch (clause.op) {
    case Op::equals:
      return {time, time, false};
    case Op::not_equals:
      return {time, time, true};
    case Op::greater_or_equal:
      return {time, INT64_MAX, false};
    case Op::less_or_equal:
      return {INT64_MIN, time, false};
    case Op::greater:
      return {INT64_MIN, time, true};
    case Op::less:
      return {time, INT64_MAX, true};
    default:
      return {1, 0, false};
  }
}

class Compiler {
 public:
  Compiler(const query::Filter& filter, const Columns& columns, const ledger::Reader& reader,
           const Snapshot& snapshot, Row first)
      : filter_(filter), columns_(columns), reader_(reader), snapshot_(snapshot), first_(first) {}

  Plan compile() {
    Plan plan;
    plan.first = first_;
    if (!query::names_kind(filter_)) {
      constexpr auto kShown = (1U << static_cast<unsigned>(record::Kind::event)) |
                              (1U << static_cast<unsigned>(record::Kind::outcome));
      plan.tests.emplace_back(WordTest{WordField::kind, kShown});
    }
    compile_all(filter_.bounds, plan.tests);
    compile_all(filter_.all, plan.tests);
    for (const auto& group : filter_.any) {
      auto& alternatives = plan.groups.emplace_back();
      for (const auto& clauses : group.alternatives) {
        compile_all(clauses, alternatives.emplace_back());
      }
    }
    plan.candidates = candidates(plan);
    return plan;
  }

 private:
  void compile_all(const std::vector<Clause>& clauses, Plan::Tests& tests) const {
    for (const auto& clause : clauses) tests.push_back(compile(clause));
  }

  [[nodiscard]] Test compile(const Clause& clause) const {
    if (const auto word = word_field(clause.field)) {
      return WordTest{*word, word_set(clause, *word)};
    }
    if (const auto column = column_of(clause.field)) return column_test(clause, *column);
    switch (clause.field) {
      case Field::date:
        return date_test(clause);
      case Field::id:
        return id_test(clause);
      case Field::detail:
        return detail_test(clause, clause.key);
      default:
        return ConstantTest{Verdict::maybe};  // Full text.
    }
  }

  static bool is_equality(const Clause& clause) {
    return clause.op == Op::equals || clause.op == Op::in || query::is_complement(clause.op);
  }

  [[nodiscard]] IdSet id_set(const Clause& clause, Column column) const {
    const auto& dictionary = columns_.dictionary(column);
    std::vector<ValueId> ids;
    if (is_equality(clause)) {
      for (const auto& value : clause.values) {
        if (const auto id = dictionary.find(value); id != kAbsent) ids.push_back(id);
      }
    } else {
      ids = dictionary.find_all(
          [&clause](std::string_view text) { return query::fits(clause, text); });
    }
    return {std::move(ids), dictionary.size()};
  }

  [[nodiscard]] Test column_test(const Clause& clause, Column column) const {
    IdTest test{.column = column,
                .complement = query::is_complement(clause.op),
                .other = columns_.has_other(column),
                .set = {},
                .resource = {}};
    const auto& dictionary = columns_.dictionary(column);
    if (!is_equality(clause) && snapshot_.rows - first_ < dictionary.size()) {
      test.by_text = ByText{clause, &dictionary};
    } else {
      test.set = id_set(clause, column);
    }
    return test;
  }

  [[nodiscard]] Test detail_test(const Clause& clause, std::string_view key) const {
    if (key == "subject") return ConstantTest{Verdict::maybe};  // May lie in the actor part.
    const auto found = columns_.detail_column(key);
    const bool has_default = key == "type";
    if (found.column) {
      auto test = std::get<IdTest>(column_test(clause, *found.column));
      if (has_default) test.resource = id_set(clause, Column::resource);
      return test;
    }
    if (!found.known_absent) return ConstantTest{Verdict::maybe};
    if (has_default) return column_test(clause, Column::resource);
    return ConstantTest{query::is_complement(clause.op) ? Verdict::yes : Verdict::no};
  }

  [[nodiscard]] Test id_test(const Clause& clause) const {
    if (!is_equality(clause)) return IdTextTest{clause};
    RowTest test{.rows = {}, .complement = query::is_complement(clause.op)};
    for (const auto& tenant : tenants()) {
      for (const auto& id : clause.values) {
        const auto at = reader_.find(ledger::id_key(tenant, id));
        if (at && at->value() < snapshot_.rows) test.rows.push_back(static_cast<Row>(at->value()));
      }
    }
    std::sort(test.rows.begin(), test.rows.end());
    test.rows.erase(std::unique(test.rows.begin(), test.rows.end()), test.rows.end());
    return test;
  }

  // Ids are unique in a tenant: those the filter admits, else all, and entries without one.
  [[nodiscard]] std::vector<std::string> tenants() const {
    for (const auto* clauses : {&filter_.bounds, &filter_.all}) {
      for (const auto& clause : *clauses) {
        const bool named = clause.op == Op::equals || clause.op == Op::in;
        if (clause.field == Field::tenant_id && named) return clause.values;
      }
    }
    std::vector<std::string> all{""};
    columns_.dictionary(Column::tenant_id).for_each([&all](ValueId, std::string_view tenant) {
      all.emplace_back(tenant);
    });
    return all;
  }

  // The cheapest of the tests whose rows can be looked up.
  [[nodiscard]] std::optional<std::vector<Row>> candidates(const Plan& plan) const {
    const IdTest* best = nullptr;
    std::uint64_t best_count = (snapshot_.rows - first_) / kLookupCost;
    for (const auto& test : plan.tests) {
      if (const auto* rows = std::get_if<RowTest>(&test); rows != nullptr && !rows->complement) {
        return std::vector<Row>(rows->rows.rbegin(), rows->rows.rend());
      }
      const auto* ids = std::get_if<IdTest>(&test);
      if (ids == nullptr || !can_look_up(*ids)) continue;
      std::uint64_t count = 0;
      for (const auto id : ids->set.ids()) count += columns_.dictionary(ids->column).count(id);
      if (count <= best_count) {
        best = ids;
        best_count = count;
      }
    }
    if (best == nullptr) return std::nullopt;
    return rows_of(*best);
  }

  static bool can_look_up(const IdTest& test) {
    return static_cast<std::size_t>(test.column) < kChainedColumns && !test.complement &&
           !test.other && !test.by_text;
  }

  [[nodiscard]] std::vector<Row> rows_of(const IdTest& test) const {
    std::vector<Row> rows;
    for (const auto id : test.set.ids()) {
      auto row = columns_.dictionary(test.column).last_row(id);
      // Rows that came after the snapshot lie at the front of the chain.
      while (row != kNoRow && row >= snapshot_.rows) row = columns_.chained(test.column, row);
      for (; row != kNoRow && row >= first_; row = snapshot_.chained(test.column, row)) {
        rows.push_back(row);
      }
    }
    std::sort(rows.begin(), rows.end(), std::greater<>());
    return rows;
  }

  const query::Filter& filter_;
  const Columns& columns_;
  const ledger::Reader& reader_;
  const Snapshot& snapshot_;
  Row first_;
};

}  // namespace

IdSet::IdSet(std::vector<ValueId> ids, std::uint32_t dictionary_size) : ids_(std::move(ids)) {
  std::sort(ids_.begin(), ids_.end());
  ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
  if (ids_.size() == 1) single_ = ids_.front();
  if (ids_.size() < 2) return;
  table_.resize(std::size_t{dictionary_size} + 1, 0);
  for (const auto id : ids_) {
    if (id < table_.size()) table_[id] = 1;
  }
}

Plan compile(const query::Filter& filter, const Columns& columns, const ledger::Reader& reader,
             const Snapshot& snapshot, Row first) {
  return Compiler(filter, columns, reader, snapshot, std::min(first, snapshot.rows)).compile();
}

}  // namespace daybook::search
