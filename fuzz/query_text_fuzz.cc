// SPDX-License-Identifier: Apache-2.0
//
// Full text: any bytes as query and text. Tokens are folded for good, a text is found by each of
// its tokens, and the prefilter never says no to what matches.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/core/check.h"
#include "daybook/core/utf8.h"
#include "daybook/query/filter.h"
#include "daybook/query/text.h"
#include "daybook/record/parts.h"

#include "text_prefilter.h"

namespace {

namespace query = daybook::query;

void check_tokens(std::string_view text) {
  const auto tokens = query::tokens(text);
  for (const auto& token : tokens) {
    DAYBOOK_CHECK(!token.empty());
    DAYBOOK_CHECK(query::tokens(token) == std::vector<std::string>{token});
  }
  const auto folded = query::folded(text);
  DAYBOOK_CHECK(query::folded(folded) == folded);
  DAYBOOK_CHECK(query::tokens(folded) == tokens);
}

void check_match(std::string_view wanted, std::string_view text) {
  daybook::record::Event event;
  event.id = "a";
  event.action = "UPDATE";
  event.resource = "KVSTORE";
  event.message = std::string(text);
  event.detail = {{"note", event.message.value()}};
  DAYBOOK_CHECK(query::matches_text(event, {std::string(text)}));
  query::Filter filter;
  filter.all.push_back({query::Field::q, query::Op::equals, "", {std::string(wanted)}, 0});
  if (!query::matches(filter, event)) return;
  daybook::search::TextPrefilter prefilter(filter);
  DAYBOOK_CHECK(prefilter.may_match(daybook::record::encode(event)));
}

}  // namespace

// The query up to the first line feed, then the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto cut = input.find('\n');
  const auto wanted = input.substr(0, cut);
  const auto text = cut == std::string_view::npos ? std::string_view() : input.substr(cut + 1);
  check_tokens(wanted);
  check_tokens(text);
  // Entries hold UTF-8 only.
  if (daybook::is_utf8(text)) check_match(wanted, text);
  return 0;
}
