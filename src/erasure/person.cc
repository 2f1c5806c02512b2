// SPDX-License-Identifier: Apache-2.0
#include "person.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <set>
#include <string_view>

#include "daybook/core/percent.h"
#include "daybook/record/event.h"
#include "daybook/record/parts.h"

namespace daybook::erasure {

namespace {

using record::Json;
using record::Part;

constexpr std::size_t kWordBytesMin = 3;  // Of what is learned: initials are no name.
constexpr std::size_t kValuesMax = 256;

using Values = std::set<std::string>;

// As it stands inside a JSON string.
std::string escaped(const std::string& value) {
  std::string out;
  record::append_json_string(out, value);
  return out.substr(1, out.size() - 2);
}

// Whether the JSON text has the value as a whole string that is no member's name.
bool has_string(std::string_view text, const std::string& quoted) {
  for (std::size_t at = text.find(quoted); at != std::string_view::npos;
       at = text.find(quoted, at + 1)) {
    const std::size_t end = at + quoted.size();
    if (end >= text.size() || text[end] != ':') return true;
  }
  return false;
}

// Of other alphabets any letter may end a word: too many hits are seen, too few are not.
bool is_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether a word may begin here. What looks like a letter before it may end an escape (`\n`).
bool is_start(std::string_view text, std::size_t at) {
  if (at == 0 || !is_letter(text[at - 1])) return true;
  return (at >= 2 && text[at - 2] == '\\') || (at >= 6 && text.substr(at - 6, 2) == "\\u");
}

// Whether the text has the value, not as a piece of a longer word.
bool has_word(std::string_view text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (is_start(text, at) && (end >= text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

bool is_of(const std::optional<std::string>& tenant, const record::Event& event) {
  return !tenant || event.tenant_id == tenant;
}

// Adds all of one identity if one of its values is among those asked for.
void learn(const Values& asked, std::initializer_list<const record::OptionalText*> identity,
           Values& learned) {
  const bool is_meant = std::any_of(identity.begin(), identity.end(), [&](const auto* value) {
    return *value && asked.contains(**value);
  });
  if (!is_meant) return;
  for (const record::OptionalText* value : identity) {
    if (*value && (*value)->size() >= kWordBytesMin && learned.size() < kValuesMax) {
      learned.insert(**value);
    }
  }
}

record::OptionalText text_of(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? record::OptionalText(at->get<std::string>())
                                               : std::nullopt;
}

void learn(const Values& asked, const record::Actor& actor, Values& learned) {
  learn(asked, {&actor.user_id, &actor.username, &actor.email, &actor.name}, learned);
  if (actor.submitter) {
    const record::OptionalText id = actor.submitter->id;
    const record::OptionalText username = actor.submitter->username;
    learn(asked, {&id, &username}, learned);
  }
  if (actor.subject.is_object()) {
    const auto id = text_of(actor.subject, "id");
    const auto username = text_of(actor.subject, "username");
    const auto email = text_of(actor.subject, "email");
    const auto name = text_of(actor.subject, "name");
    learn(asked, {&id, &username, &email, &name}, learned);
  }
}

// As HTML forms write it.
std::string with_plus(std::string_view encoded) {
  constexpr std::string_view kSpace = "%20";
  std::string out;
  while (!encoded.empty()) {
    const bool is_space = encoded.starts_with(kSpace);
    out += is_space ? '+' : encoded.front();
    encoded.remove_prefix(is_space ? kSpace.size() : 1);
  }
  return out;
}

// As a text has them: in JSON, and in the query strings that entries about reads keep.
std::vector<std::string> written_forms(const Values& words) {
  Values forms;
  for (const std::string& word : words) {
    forms.insert(escaped(word));
    const std::string encoded = percent_encode(word);
    forms.insert(encoded);
    forms.insert(with_plus(encoded));
  }
  return {forms.begin(), forms.end()};
}

// One pass over the ledger, ended by the first failure.
Status each_entry(const ledger::Reader& reader,
                  const std::function<Status(const ledger::StoredEntry&)>& visit) {
  Status status;
  DAYBOOK_RETURN_IF_ERROR(reader.scan(EntryIndex(0), EntryIndex(reader.size().value()),
                                      [&](const ledger::StoredEntry& entry) {
                                        status = visit(entry);
                                        return status.has_value();
                                      }));
  return status;
}

}  // namespace

Result<PersonHits> find_person(const ledger::Reader& reader, const std::vector<std::string>& values,
                               const std::optional<std::string>& tenant) {
  PersonHits hits;
  const Values asked(values.begin(), values.end());
  Values words = asked;
  std::vector<std::string> strings;
  for (const std::string& value : asked) strings.push_back('"' + escaped(value) + '"');
  const auto in_actor = [&](const ledger::StoredEntry& entry) -> Status {
    const std::string& text = entry.parts[Part::actor];
    if (std::none_of(strings.begin(), strings.end(),
                     [&](const std::string& quoted) { return has_string(text, quoted); })) {
      return {};
    }
    DAYBOOK_ASSIGN_OR_RETURN(const record::Event event, record::decode(entry.parts));
    if (!is_of(tenant, event)) return {};
    hits.actors.push_back({entry.index, record::bit_of(Part::actor)});
    learn(asked, event.actor, words);
    return {};
  };
  DAYBOOK_RETURN_IF_ERROR(each_entry(reader, in_actor));

  const std::vector<std::string> escaped_words = written_forms(words);
  const auto elsewhere = [&](const ledger::StoredEntry& entry) -> Status {
    unsigned parts = 0;
    for (const Part part : {Part::event, Part::change}) {
      const std::string& text = entry.parts[part];
      if (std::any_of(escaped_words.begin(), escaped_words.end(),
                      [&](const std::string& word) { return has_word(text, word); })) {
        parts |= record::bit_of(part);
      }
    }
    if (parts == 0) return {};
    if (tenant) {
      DAYBOOK_ASSIGN_OR_RETURN(const record::Event event, record::decode(entry.parts));
      if (!is_of(tenant, event)) return {};
    }
    hits.elsewhere.push_back({entry.index, static_cast<std::uint8_t>(parts)});
    return {};
  };
  DAYBOOK_RETURN_IF_ERROR(each_entry(reader, elsewhere));
  return hits;
}

}  // namespace daybook::erasure
