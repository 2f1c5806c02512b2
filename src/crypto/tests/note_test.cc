// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/note.h"

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

#include "vectors.h"

namespace daybook::crypto {
namespace {

using testing::SeededRandom;

const nlohmann::json& key_entry(const std::string& key) {
  return vectors().at("keys").at(key);
}

NoteVerifier verifier_of(const std::string& key, const char* form = "vkey") {
  return NoteVerifier::parse(key_entry(key).at(form).get<std::string>()).value();
}

NoteSigner signer_of(const std::string& key) {
  return {key_entry(key).at("name"),
          Ed25519Key::from_seed(array_of<Ed25519Seed>(key_entry(key), "seed_hex")).value()};
}

std::string note_of(const nlohmann::json& entry) {
  if (entry.contains("note")) return entry.at("note");
  return std::string(as_text(from_base64(entry.at("note_b64").get<std::string>()).value()));
}

std::uint32_t id_of(const nlohmann::json& entry, const char* member) {
  return static_cast<std::uint32_t>(std::stoul(entry.at(member).get<std::string>(), nullptr, 16));
}

TEST(NoteKeys, IdsAndTextFormsOfTheVectors) {
  for (const auto& [label, entry] : vectors().at("keys").items()) {
    const std::string name = entry.at("name");
    const auto key = array_of<Ed25519Public>(entry, "public_hex");
    EXPECT_EQ(key_id(name, kNoteEd25519, key), id_of(entry, "key_id_alg1_hex")) << label;
    EXPECT_EQ(key_id(name, kNoteCosignatureV1, key), id_of(entry, "key_id_alg4_hex")) << label;
    EXPECT_EQ(NoteVerifier(name, key).vkey(), text_of(entry, "vkey")) << label;
    EXPECT_EQ(NoteVerifier(name, key, kNoteCosignatureV1).vkey(),
              text_of(entry, "cosignature_vkey"));
    for (const char* form : {"vkey", "cosignature_vkey"}) {
      const NoteVerifier parsed = verifier_of(label, form);
      EXPECT_EQ(parsed.name(), name);
      EXPECT_EQ(parsed.vkey(), text_of(entry, form));
    }
    EXPECT_EQ(signer_of(label).verifier().vkey(), text_of(entry, "vkey"));
  }
}

TEST(NoteKeys, ParsesWhatGoParses) {
  for (const auto& entry : vectors().at("vkeys").at("parse")) {
    const std::string vkey = text_of(entry, "vkey");
    const auto parsed = NoteVerifier::parse(vkey);
    // Go's sumdb/note knows plain Ed25519 only; the cosignature key is ours to take.
    const bool cosignature = parsed.has_value() && parsed->type() == kNoteCosignatureV1;
    EXPECT_EQ(parsed.has_value() && !cosignature, entry.at("sumdb_note_ok").get<bool>()) << vkey;
  }
}

TEST(NoteKeys, RefusesOtherTypesAndLengths) {
  const auto make = [](std::uint8_t type, std::size_t length) {
    const Bytes key(length, 7);
    Bytes bytes(1 + length, 7);
    bytes[0] = type;
    Bytes id;
    put_u64_be(id, key_id("example.com", type, key));
    return "example.com+" + to_hex(ByteSpan(id).last(4)) + "+" + to_base64(bytes);
  };
  EXPECT_TRUE(NoteVerifier::parse(make(kNoteEd25519, 32)));
  EXPECT_EQ(NoteVerifier::parse(make(kNoteEd25519, 31)).error().code, Errc::invalid);
  EXPECT_EQ(NoteVerifier::parse(make(kNoteEd25519, 33)).error().code, Errc::invalid);
  EXPECT_EQ(NoteVerifier::parse(make(0x02, 32)).error().code, Errc::unsupported);
  EXPECT_EQ(NoteVerifier::parse(make(0x06, 1'312)).error().code, Errc::unsupported);
  for (const char* vkey : {"", "+", "++", "a+b", "example.com+00000000+",
                           "example.com+0000000g+AQ==", "example.com+-0000001+AQ=="}) {
    EXPECT_EQ(NoteVerifier::parse(vkey).error().code, Errc::invalid) << vkey;
  }
}

TEST(NoteKeys, Names) {
  for (const char* name : {"a", "example.com/log", "\xe4\xbe\x8b", "daybook/0Aa", "a\x7f"}) {
    EXPECT_TRUE(is_key_name(name)) << name;
  }
  for (const char* name : {"", "a b", "a+b", "a\n", "\t", "a\xc2\xa0", "\xe3\x80\x80",
                           "a\xe2\x80\xa9", "\xff", "a\xc2\x85"}) {
    EXPECT_FALSE(is_key_name(name)) << name;
  }
}

TEST(Notes, SameVerdictAsGo) {
  int checked = 0;
  for (const auto& entry : vectors().at("signed_notes")) {
    const std::string name = entry.at("name");
    std::vector<NoteVerifier> known = {verifier_of("log2_rotated")};
    if (name != "two keys, only the second known" && name != "unknown key only") {
      known.push_back(verifier_of("log1"));
      known.push_back(verifier_of("unicode_name"));
    }
    const auto note = open_note(note_of(entry), known);
    ++checked;
    if (name.starts_with("non-canonical base64")) {
      EXPECT_EQ(note.error().code, Errc::invalid);  // Strict on purpose; Go is lenient.
      continue;
    }
    ASSERT_EQ(note.has_value(), entry.at("ok").get<bool>()) << name;
    if (note) {
      EXPECT_EQ(note->signatures.size(), entry.at("verified").get<std::size_t>()) << name;
      EXPECT_EQ(note_of(entry).substr(0, note->text.size()), note->text);
    } else {
      const bool malformed = text_of(entry, "sumdb_error") == "malformed note";
      EXPECT_EQ(note.error().code, malformed ? Errc::invalid : Errc::denied) << name;
      EXPECT_EQ(parse_note(note_of(entry)).has_value(), !malformed) << name;
    }
  }
  EXPECT_EQ(checked, 28);
}

TEST(Notes, SigningGivesTheBytesOfTheVectors) {
  const NoteSigner log1 = signer_of("log1");
  const NoteSigner log2 = signer_of("log2_rotated");
  const NoteSigner unicode = signer_of("unicode_name");
  const auto& notes = vectors().at("signed_notes");
  const auto expect = [&](std::size_t at, const char* text, std::vector<const NoteSigner*> by) {
    EXPECT_EQ(sign_note(text, by).value(), note_of(notes.at(at)));
  };
  expect(0, "hello\n", {&log1});
  expect(1, "hello\n", {&log1, &log2});
  expect(3, "a\n\nb\n\n\nc\n", {&log1});
  expect(4, "\n", {&log1});
  expect(5, "\xc3\xbc\n", {&unicode});
}

TEST(Notes, ExampleOfTheSpecification) {
  const auto& vkeys = vectors().at("vkeys");
  const auto key = NoteVerifier::parse(vkeys.at("spec_example_vkey").get<std::string>());
  ASSERT_TRUE(key);
  const auto note = open_note(vkeys.at("spec_example_note").get<std::string>(), {*key});
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, "This is an example message.\n");
}

TEST(Notes, SignThenOpenIsTheTextAndAnyChangeIsRefused) {
  SeededRandom random(1);
  const NoteSigner signer("example.com/log", Ed25519Key::generate(random).value());
  for (int round = 0; round < 150; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(30); i > 0; --i) {
      text.push_back(random.below(4) == 0 ? '\n' : static_cast<char>('!' + random.below(90)));
    }
    text.push_back('\n');
    std::string note = sign_note(text, {&signer}).value();
    const auto opened = open_note(note, {signer.verifier()});
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->text, text);
    ASSERT_EQ(opened->signatures.size(), 1U);
    EXPECT_EQ(opened->signatures[0].line + "\n", signer.sign_line(text));
    note[random.below(note.size())] ^= static_cast<char>(1U << random.below(7));
    const auto changed = open_note(note, {signer.verifier()});
    EXPECT_FALSE(changed) << note;
  }
}

TEST(Notes, SigningRefusesWhatIsNoNoteText) {
  SeededRandom random(1);
  const NoteSigner signer("example.com/log", Ed25519Key::generate(random).value());
  for (const char* text : {"", "no line feed", "tab\t\n", "cr\r\n", "\xff\n"}) {
    EXPECT_EQ(sign_note(text, {&signer}).error().code, Errc::invalid) << text;
  }
  EXPECT_EQ(sign_note("x\n", {}).error().code, Errc::invalid);
  EXPECT_EQ(sign_note(std::string(1'000'000, 'x') + "\n", {&signer}).error().code, Errc::invalid);
}

TEST(Cosignatures, VectorsVerifyAndCoverTheTime) {
  const NoteVerifier log = verifier_of("log1");
  const NoteVerifier w1 = verifier_of("witness1", "cosignature_vkey");
  const NoteVerifier w2 = verifier_of("witness2", "cosignature_vkey");
  int checked = 0;
  for (const auto& entry : vectors().at("cosignatures").at("ed25519")) {
    const std::string note = entry.at("full_note");
    const auto opened = open_note(note, {w2, log, w1});
    ASSERT_TRUE(opened) << note;
    ASSERT_EQ(opened->signatures.size(), 3U);
    const NoteSignature& by_w1 = opened->signatures[1];
    EXPECT_EQ(by_w1.line + "\n", text_of(entry, "line_w1"));
    ASSERT_EQ(by_w1.signature.size(), 72U);
    for (std::size_t byte = 0; byte < 72; ++byte) {  // 0 to 7 are the time.
      Bytes changed = by_w1.signature;
      changed[byte] ^= 1U;
      EXPECT_FALSE(w1.verify(opened->text, changed)) << byte;
    }
    EXPECT_FALSE(w1.verify(opened->text, ByteSpan(by_w1.signature).first(71)));
    EXPECT_FALSE(w1.verify(opened->text, ByteSpan(by_w1.signature).first(7)));
    EXPECT_FALSE(w1.verify(opened->text, {}));
    EXPECT_FALSE(w2.verify(opened->text, by_w1.signature));
    // The same key as a plain note key must not accept a cosignature.
    EXPECT_FALSE(verifier_of("witness1").verify(opened->text, by_w1.signature));
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

TEST(Cosignatures, TimesBeyondTheSpecificationAreRefused) {
  SeededRandom random(1);
  const auto key = Ed25519Key::generate(random).value();
  const NoteVerifier verifier("w", key.public_key(), kNoteCosignatureV1);
  for (const bool beyond : {false, true}) {
    const std::uint64_t time = beyond ? std::uint64_t{1} << 63U : (std::uint64_t{1} << 63U) - 1;
    const std::string message = "cosignature/v1\ntime " + std::to_string(time) + "\ntext\n";
    Bytes signature;
    put_u64_be(signature, time);
    const Ed25519Signature tail = key.sign(as_bytes(message));
    signature.insert(signature.end(), tail.begin(), tail.end());
    EXPECT_EQ(verifier.verify("text\n", signature), !beyond);
  }
}

}  // namespace
}  // namespace daybook::crypto
