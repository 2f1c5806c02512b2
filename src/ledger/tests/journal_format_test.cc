// SPDX-License-Identifier: Apache-2.0
#include "journal_format.h"

#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "draft.h"
#include "ledger_files.h"

namespace daybook::ledger {
namespace {

std::string formats_document() {
  std::ifstream file(std::string(DAYBOOK_TEST_DATA) + "/../../docs/formats.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The bytes of the first ```hex block.
Bytes example_bytes(const std::string& document) {
  const std::size_t from = document.find("```hex\n") + 7;
  std::istringstream block(document.substr(from, document.find("```", from) - from));
  Bytes bytes;
  for (std::string line; std::getline(block, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;  // The offset.
    EXPECT_EQ(std::stoul(word, nullptr, 16), bytes.size());
    while (words >> word) bytes.push_back(static_cast<std::uint8_t>(std::stoul(word, nullptr, 16)));
  }
  return bytes;
}

// The example was made by a program of its own, not by the code that reads it here.
TEST(Formats, WorkedExampleIsTrue) {
  const std::string document = formats_document();
  const Bytes bytes = example_bytes(document);
  ASSERT_EQ(bytes.size(), 0x23bU);
  const ByteSpan all(bytes);
  const std::string origin = "example.org/daybook";

  const auto file = get_file_header(all);
  ASSERT_TRUE(file);
  EXPECT_EQ(*file, (FileHeader{0, 0, 0, 0, genesis_hash(origin)}));
  const auto group = get_group_header(all.subspan(0x54));
  ASSERT_TRUE(group);
  const ByteSpan payload = all.subspan(0xa8);
  EXPECT_EQ(*group, (GroupHeader{1, 0, 0, 0x54, 0x193, crc32c(payload), genesis_hash(origin)}));
  const auto record = get_record(payload);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->seed[15], 15);
  EXPECT_EQ(record->key, id_key("", "e1"));
  EXPECT_EQ(record->content_digest,
            content_digest(record->seed, R"({"id":"e1","resource":"FLOW","type":"CREATE"})"));
  const StoredEntry entry = to_entry(EntryIndex(0), *record);
  EXPECT_EQ(record::commit_all(entry.seed, entry.parts), entry.commitments);
  const auto event = record::decode(entry.parts);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->id, "e1");
  EXPECT_EQ(event->action, "CREATE");
  EXPECT_EQ(event->actor.user_id, "system");
  EXPECT_NE(document.find("leaf hash: `" + to_hex(entry.leaf_hash()) + "`"), std::string::npos);
  const Hash leaf = entry.leaf_hash();
  const Hash chain = chain_hash(*group, std::span(&leaf, 1));
  EXPECT_NE(document.find("`" + to_hex(chain) + "`"), std::string::npos);

  // And written again, byte for byte.
  Bytes again;
  put_file_header(again, *file);
  const auto header = encode_group_header(*group);
  again.insert(again.end(), header.begin(), header.end());
  put_record(again,
             {entry.parts, entry.seed, record->key, record->content_digest, entry.commitments});
  EXPECT_EQ(again, bytes);
}

TEST(Formats, DocumentNamesEveryMagic) {
  const std::string document = formats_document();
  for (const char* word : {"DBKjourn", "DBKgroup", "DBKcheck", "DBKc", "DBKopen1",
                           "daybook-ledger 1", "PRIVATE+KEY+", "ledger.lock"}) {
    EXPECT_NE(document.find(word), std::string::npos) << word;
  }
}

TEST(JournalName, OnlyTheCanonicalSpelling) {
  for (const std::uint64_t index :
       {std::uint64_t{0}, std::uint64_t{65'536}, std::uint64_t{1} << 63U}) {
    EXPECT_EQ(journal_name(index).size(), 28U);
    EXPECT_EQ(parse_journal_name(journal_name(index)), index);
  }
  for (const char* name :
       {"journal-", "journal-0", "journal-0000000000000000000x", "journal-000000000000000000000",
        "Journal-00000000000000000000", "journal-99999999999999999999",
        "journal-00000000000000000000.tmp", "journal--0000000000000000001", ""}) {
    EXPECT_EQ(parse_journal_name(name), std::nullopt) << name;
  }
}

TEST(Headers, RoundTripAndNoticeEveryBit) {
  std::mt19937_64 random(3);
  GroupHeader group{7, random(), random(), random(), 4321, 99, genesis_hash("x")};
  auto bytes = encode_group_header(group);
  EXPECT_EQ(get_group_header(bytes), group);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto changed = bytes;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(get_group_header(changed), std::nullopt) << bit;
  }
  const FileHeader file{random(), random(), random(), random(), genesis_hash("y")};
  Bytes front;
  put_file_header(front, file);
  EXPECT_EQ(get_file_header(front), file);
  for (std::size_t bit = 0; bit < front.size() * 8; ++bit) {
    Bytes changed = front;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(get_file_header(changed), std::nullopt) << bit;
  }
}

TEST(Record, RoundTripAndNoticeEveryBit) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 20; ++round) {
    record::Parts parts;
    for (std::string& part : parts.bytes) {
      part.assign(random() % 40, static_cast<char>('a' + random() % 26));
    }
    record::Seed seed{};
    seed[0] = static_cast<std::uint8_t>(random());
    const auto commitments = record::commit_all(seed, parts);
    const Hash digest = content_digest(seed, "content");
    const IdKey key = id_key("t", std::to_string(round));
    Bytes bytes;
    put_record(bytes, {parts, seed, key, digest, commitments});
    EXPECT_EQ(bytes.size(), record_bytes(parts));
    const auto view = get_record(bytes);
    ASSERT_TRUE(view);
    EXPECT_EQ(to_entry(EntryIndex(1), *view).parts.bytes, parts.bytes);
    EXPECT_EQ(view->key, key);
    EXPECT_EQ(view->commitments, commitments);
    EXPECT_EQ(head_commitments(ByteSpan(bytes).first(kRecordHeadBytes)), commitments);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      Bytes changed = bytes;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_FALSE(get_record(changed)) << bit;
    }
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(get_record(ByteSpan(bytes).first(length)));
    }
  }
}

TEST(SmallFiles, IdentityAndMarkerRoundTrip) {
  const std::string vkey =
      "audit.example.org/daybook+a86d34a8+AcrC8N3uIekW66x0Og2iVwPpPRlUE0Dc2AnPxUnVtLU3";
  const Identity identity{"audit.example.org/daybook", {vkey}};
  const std::string text = encode_identity(identity);
  const auto read = decode_identity(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->origin, identity.origin);
  EXPECT_EQ(read->vkeys, identity.vkeys);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(decode_identity(changed).error().code, Errc::corrupt) << at;
    EXPECT_EQ(decode_identity(text.substr(0, at)).error().code, Errc::corrupt) << at;
  }
  EXPECT_FALSE(decode_identity(encode_identity({"other", {vkey}})));  // Key of another name.
  EXPECT_FALSE(decode_identity(encode_identity({"audit.example.org/daybook", {}})));

  Marker marker;
  marker.journal = {5, 3, genesis_hash("o"), 2, 1234};
  marker.checkpoints_end = 777;
  const Bytes bytes = encode_marker(marker);
  const auto decoded = decode_marker(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->journal, marker.journal);
  EXPECT_EQ(decoded->checkpoints_end, 777U);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes changed = bytes;
    changed[at] ^= 1U;
    EXPECT_EQ(decode_marker(changed).error().code, Errc::corrupt);
  }
}

}  // namespace
}  // namespace daybook::ledger
