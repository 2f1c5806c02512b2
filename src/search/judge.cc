// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "daybook/query/values.h"

#include "plan.h"

namespace daybook::search {
namespace {

constexpr std::uint32_t kWordBits = 64;

Verdict as_verdict(bool matches) {
  return matches ? Verdict::yes : Verdict::no;
}

Verdict judge_id(const IdTest& test, ValueId id, ValueId resource) {
  if (id == kOther) return Verdict::maybe;
  if (id != kAbsent) {
    const bool fits = test.by_text
                          ? query::fits(test.by_text->clause, test.by_text->dictionary->text(id))
                          : test.set.contains(id);
    return as_verdict(fits != test.complement);
  }
  if (!test.resource) return as_verdict(test.complement);
  return as_verdict(test.resource->contains(resource) != test.complement);
}

bool in_range(const DateTest& test, UnixMillis date) {
  return (date >= test.first && date <= test.last) != test.complement;
}

struct RowJudge {
  const Block& block;
  Row row;
  std::uint32_t at;

  Verdict operator()(const IdTest& test) const {
    const auto resource = test.resource ? block.value(Column::resource, at) : kAbsent;
    return judge_id(test, block.value(test.column, at), resource);
  }
  Verdict operator()(const DateTest& test) const {
    return as_verdict(in_range(test, block.date[at]));
  }
  Verdict operator()(const WordTest& test) const {
    const auto word = block.word[static_cast<std::size_t>(test.field)][at];
    return as_verdict(((test.words >> word) & 1U) != 0);
  }
  Verdict operator()(const RowTest& test) const {
    const bool named = std::binary_search(test.rows.begin(), test.rows.end(), row);
    return as_verdict(named != test.complement);
  }
  Verdict operator()(const IdTextTest& test) const {
    return as_verdict(query::fits(test.clause, block.id(at)));
  }
  Verdict operator()(const ConstantTest& test) const { return test.verdict; }
};

// The rows `from` to `rows` of a block.
BlockMatches rows_between(std::uint32_t from, std::uint32_t rows) {
  const auto below = [](std::uint32_t bound, std::uint32_t word) -> std::uint64_t {
    const auto base = word * kWordBits;
    if (bound <= base) return 0;
    return bound - base >= kWordBits ? ~0ULL : (1ULL << (bound - base)) - 1;
  };
  BlockMatches out;
  for (std::uint32_t word = 0; word < kWordsPerBlock; ++word) {
    out.possible[word] = below(rows, word) & ~below(from, word);
  }
  out.definite = out.possible;
  return out;
}

bool is_empty(const BlockMatches& matches) {
  return std::all_of(matches.possible.begin(), matches.possible.end(),
                     [](std::uint64_t word) { return word == 0; });
}

// Narrows matches of a block by one test after the other.
class BlockJudge {
 public:
  BlockJudge(const Block& block, Row base, std::uint32_t rows, const BlockMatches& from)
      : block_(block), base_(base), rows_(rows), out_(from) {}

  void operator()(const IdTest& test) {
    const auto* values =
        block_.column[static_cast<std::size_t>(test.column)].load(std::memory_order_acquire);
    if (values != nullptr && test.by_text && !test.other && !test.resource) {
      narrow([&](std::uint32_t at) { return judge_id(test, values[at], kAbsent); });
    } else if (test.other || test.resource) {
      narrow([&](std::uint32_t at) { return RowJudge{block_, base_ + at, at}(test); });
    } else if (values == nullptr) {
      if (!test.complement) out_ = {};
    } else if (test.set.ids().size() <= 1) {
      const auto single = test.set.single();
      const bool complement = test.complement;
      keep([=](std::uint32_t at) { return (values[at] == single) != complement; });
    } else {
      const bool complement = test.complement;
      keep([&test, values, complement](std::uint32_t at) {
        return test.set.contains(values[at]) != complement;
      });
    }
  }
  void operator()(const DateTest& test) {
    keep([&](std::uint32_t at) { return in_range(test, block_.date[at]); });
  }
  void operator()(const WordTest& test) {
    const auto& words = block_.word[static_cast<std::size_t>(test.field)];
    keep([&](std::uint32_t at) { return ((test.words >> words[at]) & 1U) != 0; });
  }
  void operator()(const RowTest& test) {
    Words named{};
    const auto end = std::lower_bound(test.rows.begin(), test.rows.end(), base_ + rows_);
    for (auto at = std::lower_bound(test.rows.begin(), end, base_); at != end; ++at) {
      named[(*at - base_) / kWordBits] |= 1ULL << ((*at - base_) % kWordBits);
    }
    for (std::size_t i = 0; i < kWordsPerBlock; ++i) {
      const auto mask = test.complement ? ~named[i] : named[i];
      out_.possible[i] &= mask;
      out_.definite[i] &= mask;
    }
  }
  void operator()(const IdTextTest& test) {
    narrow([&](std::uint32_t at) { return as_verdict(query::fits(test.clause, block_.id(at))); });
  }
  void operator()(const ConstantTest& test) {
    if (test.verdict == Verdict::no) out_.possible = {};
    if (test.verdict != Verdict::yes) out_.definite = {};
  }

  [[nodiscard]] const BlockMatches& out() const { return out_; }

 private:
  [[nodiscard]] std::uint32_t end_of(std::uint32_t begin) const {
    return std::min(begin + kWordBits, rows_);
  }

  template <class Predicate>
  void keep(const Predicate& matches) {
    for (std::size_t i = 0; i < kWordsPerBlock; ++i) {
      if (out_.possible[i] == 0) continue;
      const auto begin = static_cast<std::uint32_t>(i) * kWordBits;
      const auto end = end_of(begin);
      std::uint64_t mask = 0;
      for (auto at = begin; at < end; ++at) {
        mask |= static_cast<std::uint64_t>(matches(at)) << (at - begin);
      }
      out_.possible[i] &= mask;
      out_.definite[i] &= mask;
    }
  }

  template <class Judge>
  void narrow(const Judge& judge) {
    for (std::size_t i = 0; i < kWordsPerBlock; ++i) {
      const auto begin = static_cast<std::uint32_t>(i) * kWordBits;
      for (auto left = out_.possible[i]; left != 0; left &= left - 1) {
        const auto bit = static_cast<unsigned>(std::countr_zero(left));
        const auto verdict = judge(begin + bit);
        if (verdict == Verdict::no) out_.possible[i] &= ~(1ULL << bit);
        if (verdict != Verdict::yes) out_.definite[i] &= ~(1ULL << bit);
      }
    }
  }

  const Block& block_;
  Row base_;
  std::uint32_t rows_;
  BlockMatches out_;
};

}  // namespace

Verdict judge(const Plan& plan, const Snapshot& snapshot, Row row) {
  const RowJudge judge_row{snapshot.block_of(row), row, row % kBlockRows};
  const auto all = [&judge_row](const Plan::Tests& tests) {
    auto verdict = Verdict::yes;
    for (const auto& test : tests) {
      verdict = std::min(verdict, std::visit(judge_row, test));
      if (verdict == Verdict::no) break;
    }
    return verdict;
  };
  auto verdict = all(plan.tests);
  for (const auto& alternatives : plan.groups) {
    auto best = Verdict::no;
    for (const auto& tests : alternatives) {
      if (best < verdict) best = std::max(best, all(tests));
    }
    verdict = std::min(verdict, best);
  }
  return verdict;
}

BlockMatches judge_block(const Plan& plan, const Snapshot& snapshot, std::size_t block) {
  const auto rows = snapshot.rows_in(block);
  const auto base = static_cast<Row>(block) * kBlockRows;
  const auto narrow = [&](const BlockMatches& among, const Plan::Tests& tests) {
    BlockJudge judge_all(*snapshot.blocks[block], base, rows, among);
    for (const auto& test : tests) {
      std::visit(judge_all, test);
      if (is_empty(judge_all.out())) break;
    }
    return judge_all.out();
  };
  const auto from = plan.first > base ? std::min(plan.first - base, kBlockRows) : 0;
  auto out = narrow(rows_between(from, rows), plan.tests);
  for (const auto& alternatives : plan.groups) {
    if (is_empty(out)) break;
    // Each alternative narrows what the rest of the filter left; a row is possible, or definite, if
    // it is for one of them.
    BlockMatches either;
    for (const auto& tests : alternatives) {
      const auto one = narrow(out, tests);
      for (std::size_t i = 0; i < kWordsPerBlock; ++i) {
        either.possible[i] |= one.possible[i];
        either.definite[i] |= one.definite[i];
      }
    }
    out = either;
  }
  return out;
}

}  // namespace daybook::search
