// SPDX-License-Identifier: Apache-2.0
#include "facts.h"

#include <simdjson.h>

#include <string>
#include <utility>

#include "daybook/query/values.h"

namespace daybook::search {
namespace {

namespace sj = simdjson::ondemand;

constexpr std::size_t kIdBytesMax = 128;

Error corrupt(const char* what) {
  return Error{Errc::corrupt, what};
}

// Words of one canonical part, parsed in place. Views stay good until the next open().
class PartWalk {
 public:
  // Calls `visit(key, value)` for each member of the object.
  template <class Visit>
  Status members(std::string_view bytes, Visit&& visit) {
    buffer_.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
    buffer_.assign(bytes);
    if (parser_.iterate(buffer_.data(), buffer_.size(), buffer_.capacity()).get(document_) !=
        simdjson::SUCCESS) {
      return corrupt("part is not JSON");
    }
    sj::object object;
    if (document_.get_object().get(object) != simdjson::SUCCESS) {
      return corrupt("part is not a JSON object");
    }
    return walk(object, visit);
  }

  template <class Visit>
  static Status walk(sj::object& object, Visit&& visit) {
    for (auto member : object) {
      sj::field field;
      std::string_view key;
      if (std::move(member).get(field) != simdjson::SUCCESS ||
          field.unescaped_key().get(key) != simdjson::SUCCESS) {
        return corrupt("part has a broken member");
      }
      DAYBOOK_RETURN_IF_ERROR(visit(key, field.value()));
    }
    return {};
  }

 private:
  sj::parser parser_;
  std::string buffer_;
  sj::document document_;
};

Status read(sj::value value, std::string_view& out) {
  if (value.get_string().get(out) != simdjson::SUCCESS) return corrupt("member is not a string");
  return {};
}

Status read(sj::value value, std::optional<std::string_view>& out) {
  return read(value, out.emplace());
}

// A string as it is, anything else as its canonical bytes.
Status read_text(sj::value value, std::string_view& out) {
  sj::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return corrupt("member has no value");
  auto error = simdjson::SUCCESS;
  switch (type) {
    case sj::json_type::string:
      return read(value, out);
    case sj::json_type::object: {
      sj::object object;
      error = value.get_object().get(object);
      if (error == simdjson::SUCCESS) error = object.raw_json().get(out);
      break;
    }
    case sj::json_type::array: {
      sj::array array;
      error = value.get_array().get(array);
      if (error == simdjson::SUCCESS) error = array.raw_json().get(out);
      break;
    }
    default:
      out = value.raw_json_token();
      while (!out.empty() && out.back() == ' ') out.remove_suffix(1);
      break;
  }
  if (error != simdjson::SUCCESS) return corrupt("member is broken");
  return {};
}

template <class Enum>
Status read_word(sj::value value, std::uint8_t& out, Result<Enum> (*parse)(std::string_view)) {
  std::string_view word;
  DAYBOOK_RETURN_IF_ERROR(read(value, word));
  const auto parsed = parse(word);
  if (!parsed) return corrupt("member is none of the known words");
  out = static_cast<std::uint8_t>(*parsed);
  return {};
}

}  // namespace

std::optional<Column> fixed_detail_column(std::string_view key) {
  if (key == "namespace") return Column::namespace_;
  if (key == "flowId") return Column::flow_id;
  if (key == "executionId") return Column::execution_id;
  if (key == "id") return Column::object_id;
  if (key == "resource" || key == "resourceType") return Column::resource;  // As shown.
  return std::nullopt;
}

struct FactExtractor::Impl {
  PartWalk event;
  PartWalk actor;
  RowFacts facts;
  std::optional<std::string_view> user_id;
  std::optional<std::string_view> username;

  [[nodiscard]] std::uint8_t& word(WordField field) {
    return facts.words[static_cast<std::size_t>(field)];
  }
  void reset();
  Status read_event_member(std::string_view key, sj::value value);
  Status read_detail(std::string_view key, sj::value value);
  Status read_actor_member(std::string_view key, sj::value value);
  void settle_actor();
};

// The defaults of record::Event, which an erased event part leaves behind.
void FactExtractor::Impl::reset() {
  facts.id = {};
  facts.date = 0;
  facts.values.fill(std::nullopt);
  facts.details.clear();
  facts[Column::action] = std::string_view();
  facts[Column::resource] = std::string_view();
  word(WordField::kind) = static_cast<std::uint8_t>(record::Kind::event);
  word(WordField::result) = static_cast<std::uint8_t>(record::ResultWord::success);
  word(WordField::actor_kind) = static_cast<std::uint8_t>(record::ActorKind::standard);
  word(WordField::source) = static_cast<std::uint8_t>(record::Source::ingest);
  user_id.reset();
  username.reset();
}

Status FactExtractor::Impl::read_event_member(std::string_view key, sj::value value) {
  if (key == "id") {
    DAYBOOK_RETURN_IF_ERROR(read(value, facts.id));
    if (facts.id.size() > kIdBytesMax) return corrupt("id is longer than 128 bytes");
    return {};
  }
  if (key == "action") return read(value, facts[Column::action]);
  if (key == "resource") return read(value, facts[Column::resource]);
  if (key == "tenantId") return read(value, facts[Column::tenant_id]);
  if (key == "attemptId") return read(value, facts[Column::attempt_id]);
  if (key == "kind") return read_word(value, word(WordField::kind), record::parse_kind);
  if (key == "result") return read_word(value, word(WordField::result), record::parse_result);
  if (key == "source") return read_word(value, word(WordField::source), record::parse_source);
  if (key == "actorKind") {
    return read_word(value, word(WordField::actor_kind), record::parse_actor_kind);
  }
  if (key == "date") {
    std::string_view text;
    DAYBOOK_RETURN_IF_ERROR(read(value, text));
    const auto time = parse_time(text);
    if (!time) return corrupt("date is no time");
    facts.date = *time;
    return {};
  }
  if (key == "detail") {
    sj::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      return corrupt("detail is not an object");
    }
    return PartWalk::walk(object, [this](std::string_view name, sj::value member) {
      return read_detail(name, member);
    });
  }
  return {};
}

// What the shown detail replaces is left out: query::detail_value().
Status FactExtractor::Impl::read_detail(std::string_view key, sj::value value) {
  const auto fixed = fixed_detail_column(key);
  if (fixed == Column::resource) return {};
  if (key == "type") {
    sj::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return corrupt("member has no value");
    if (type != sj::json_type::string) return {};
  }
  std::string_view text;
  DAYBOOK_RETURN_IF_ERROR(read_text(value, text));
  if (fixed) {
    facts[*fixed] = text;
  } else {
    facts.details.push_back({key, text});
  }
  return {};
}

Status FactExtractor::Impl::read_actor_member(std::string_view key, sj::value value) {
  if (key == "userId") return read(value, user_id);
  if (key == "username") return read(value, username);
  if (key == "ipAddress") return read(value, facts[Column::ip_address]);
  if (key == "submitter") {
    sj::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      return corrupt("submitter is not an object");
    }
    return PartWalk::walk(object, [this](std::string_view name, sj::value member) -> Status {
      if (name != "id") return {};
      return read(member, facts[Column::submitter_id]);
    });
  }
  return {};
}

void FactExtractor::Impl::settle_actor() {
  const auto kind = static_cast<record::ActorKind>(word(WordField::actor_kind));
  facts[Column::user_id] = query::user_id_value(kind, user_id);
  facts[Column::username] = query::username_value(kind, user_id, username);
}

FactExtractor::FactExtractor() : impl_(std::make_unique<Impl>()) {}
FactExtractor::~FactExtractor() = default;

Result<const RowFacts*> FactExtractor::extract(const record::Parts& parts) {
  impl_->reset();
  if (const auto& bytes = parts[record::Part::event]; !bytes.empty()) {
    DAYBOOK_RETURN_IF_ERROR(
        impl_->event.members(bytes, [this](std::string_view key, sj::value value) {
          return impl_->read_event_member(key, value);
        }));
  }
  if (const auto& bytes = parts[record::Part::actor]; !bytes.empty()) {
    DAYBOOK_RETURN_IF_ERROR(
        impl_->actor.members(bytes, [this](std::string_view key, sj::value value) {
          return impl_->read_actor_member(key, value);
        }));
  }
  impl_->settle_actor();
  return &impl_->facts;
}

}  // namespace daybook::search
