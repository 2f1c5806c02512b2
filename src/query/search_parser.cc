// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "daybook/query/filter.h"

#include "clause_parser.h"
#include "parameters.h"

namespace daybook::query {
namespace {

constexpr std::uint64_t kSizeMax = 1000;
constexpr std::uint64_t kPageMax = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kSortsMax = 16;

struct SortName {
  std::string_view name;
  Sort::By by;
};
constexpr auto kSortNames = std::to_array<SortName>({
    {"date", Sort::By::date},
    {"type", Sort::By::action},
    {"userId", Sort::By::user_id},
    {"id", Sort::By::id},
    {"resource", Sort::By::resource},
    {"detail.resource", Sort::By::resource},
});

// One `field:asc|desc`; as in Kestra, any direction but asc means descending.
Result<Sort> parse_sort(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Error{Errc::invalid, fmt::format("'{}' is not field:asc or field:desc", text)};
  }
  const auto name = text.substr(0, colon);
  std::string known;
  for (const auto& entry : kSortNames) {
    if (entry.name == name) return Sort{entry.by, text.substr(colon + 1) != "asc"};
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  return Error{Errc::invalid, fmt::format("sort field '{}' is not one of {}", name, known)};
}

// Everything that is not a filter: paging, order, form of the answer.
class OptionParser {
 public:
  explicit OptionParser(Endpoint endpoint) : endpoint_(endpoint) {}

  // True if `name` is such a parameter of the endpoint, which was then read into `out`.
  Result<bool> take(const std::string& name, const std::string& value, Search& out) {
    const auto names = known();
    if (std::find(names.begin(), names.end(), name) == names.end()) return false;
    if (name != "sort" && !seen_.insert(name).second) {
      return Error{Errc::invalid, "given more than once"};
    }
    DAYBOOK_RETURN_IF_ERROR(read(name, value, out));
    return true;
  }

  // Keyset paging has one order and no pages.
  [[nodiscard]] Status check(const Search& search) const {
    if (search.before && search.after)
      return invalid("after", "before and after exclude each other");
    if (!search.before && !search.after) return {};
    const std::string name = search.before ? "before" : "after";
    if (seen_.contains("page")) return invalid(name, "cannot be given together with page");
    if (!search.sort.empty()) return invalid(name, "cannot be given together with sort");
    return {};
  }

  [[nodiscard]] std::span<const std::string_view> known() const {
    static constexpr auto kSearch = std::to_array<std::string_view>(
        {"page", "size", "sort", "treeSize", "before", "after", "expand"});
    static constexpr auto kExport =
        std::to_array<std::string_view>({"treeSize", "expand", "format"});
    if (endpoint_ == Endpoint::search) return kSearch;
    return kExport;
  }

 private:
  static Status read(std::string_view name, const std::string& value, Search& out) {
    if (name == "page") return number(value, 1, kPageMax, out.page);
    if (name == "size") return number(value, 1, kSizeMax, out.size);
    if (name == "sort") return sorts(value, out.sort);
    if (name == "treeSize") return strong(value, out.tree_size);
    if (name == "before") return strong(value, out.before);
    if (name == "after") return strong(value, out.after);
    if (name == "expand") {
      if (value != "daybook") return Error{Errc::invalid, "the only known value is daybook"};
      out.expand = true;
      return {};
    }
    if (value != "csv" && value != "ndjson" && value != "json") {
      return Error{Errc::invalid, fmt::format("'{}' is not one of csv, ndjson, json", value)};
    }
    out.format = value;
    return {};
  }

  static Status number(std::string_view text, std::uint64_t min, std::uint64_t max,
                       std::uint64_t& out) {
    DAYBOOK_ASSIGN_OR_RETURN(out, parse_number(text, min, max));
    return {};
  }

  template <class Strong>
  static Status strong(std::string_view text, std::optional<Strong>& out) {
    DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, 0, kIndexMax));
    out = Strong(value);
    return {};
  }

  static Status sorts(std::string_view text, std::vector<Sort>& out) {
    while (true) {
      const auto comma = text.find(',');
      DAYBOOK_ASSIGN_OR_RETURN(const auto sort, parse_sort(text.substr(0, comma)));
      if (out.size() == kSortsMax) {
        return Error{Errc::invalid, fmt::format("more than {} sort fields", kSortsMax)};
      }
      out.push_back(sort);
      if (comma == std::string_view::npos) return {};
      text.remove_prefix(comma + 1);
    }
  }

  Endpoint endpoint_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace

Result<Search> parse_search(const Params& params, Endpoint endpoint, UnixMillis now) {
  Search search;
  OptionParser options(endpoint);
  ClauseParser clauses(now);
  for (const auto& [name, value] : params) {
    auto taken = options.take(name, value, search);
    if (!taken) return invalid(name, std::move(taken).error().context);
    if (*taken) continue;
    DAYBOOK_ASSIGN_OR_RETURN(const bool filters, clauses.take(name, value));
    if (!filters) return unknown_parameter(name, options.known());
  }
  DAYBOOK_RETURN_IF_ERROR(options.check(search));
  DAYBOOK_ASSIGN_OR_RETURN(search.filter, clauses.finish());
  return search;
}

Result<Filter> parse_filter(const Params& params, UnixMillis now) {
  ClauseParser clauses(now);
  for (const auto& [name, value] : params) {
    DAYBOOK_ASSIGN_OR_RETURN(const bool taken, clauses.take(name, value));
    if (!taken) return unknown_parameter(name, {});
  }
  return clauses.finish();
}

Result<std::optional<Filter>> parse_fixed_filter(const Params& params) {
  // Two moments that no relative time maps to the same bound.
  constexpr UnixMillis kOneMoment = 1'000'000'000'000;
  constexpr UnixMillis kOtherMoment = 1'500'000'000'000;
  DAYBOOK_ASSIGN_OR_RETURN(Filter one, parse_filter(params, kOneMoment));
  DAYBOOK_ASSIGN_OR_RETURN(const Filter other, parse_filter(params, kOtherMoment));
  if (!(one == other)) return std::optional<Filter>();
  return std::optional(std::move(one));
}

}  // namespace daybook::query
