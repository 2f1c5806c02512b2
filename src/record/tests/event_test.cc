// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/event.h"

#include <string>

#include <gtest/gtest.h>

namespace daybook::record {
namespace {

TEST(Words, ThereAndBack) {
  for (const Kind kind : {Kind::event, Kind::attempt, Kind::outcome, Kind::system}) {
    EXPECT_EQ(parse_kind(to_string(kind)).value(), kind);
  }
  for (const Source source :
       {Source::gateway, Source::ingest, Source::observed, Source::imported, Source::system}) {
    EXPECT_EQ(parse_source(to_string(source)).value(), source);
  }
  for (const ActorKind kind : {ActorKind::standard, ActorKind::service_account, ActorKind::system,
                               ActorKind::webhook, ActorKind::anonymous}) {
    EXPECT_EQ(parse_actor_kind(to_string(kind)).value(), kind);
  }
  for (const ResultWord result :
       {ResultWord::success, ResultWord::failure, ResultWord::denied, ResultWord::unknown}) {
    EXPECT_EQ(parse_result(to_string(result)).value(), result);
  }
  EXPECT_EQ(parse_kind("EVENT").error().code, Errc::invalid);
  EXPECT_EQ(parse_source("").error().code, Errc::invalid);
  EXPECT_EQ(parse_actor_kind("standard").error().code, Errc::invalid);
  EXPECT_EQ(parse_result("OK").error().code, Errc::invalid);
}

TEST(EntryId, Syntax) {
  for (const char* good : {"a", "2YkiECb7oEsrdPgqwxFadW", "a.b_c:d~e-f", "..a", "-", "searches"}) {
    EXPECT_TRUE(is_entry_id(good)) << good;
  }
  EXPECT_TRUE(is_entry_id(std::string(128, 'x')));
  for (const char* bad :
       {"", ".", "..", "...", "a/b", "a b", "\xC3\xA9", "a%", "search", "export", "find", "history",
        "entries", "aggregate", "follow", "evidence", "diff", "proof"}) {
    EXPECT_FALSE(is_entry_id(bad)) << bad;
  }
  EXPECT_FALSE(is_entry_id(std::string(129, 'x')));
  EXPECT_FALSE(is_entry_id(std::string("a\0b", 3)));
}

TEST(Tenant, Syntax) {
  for (const char* good : {"main", "0", "a-b_c", "z9"}) {
    EXPECT_TRUE(is_tenant(good)) << good;
  }
  EXPECT_TRUE(is_tenant(std::string(63, 'a')));
  for (const char* bad : {"", "-a", "_a", "Main", "a.b", "a b", "a/b", "\xC3\xA9"}) {
    EXPECT_FALSE(is_tenant(bad)) << bad;
  }
  EXPECT_FALSE(is_tenant(std::string(64, 'a')));
}

}  // namespace
}  // namespace daybook::record
