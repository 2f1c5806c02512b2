// SPDX-License-Identifier: Apache-2.0
#include "touched.h"

#include <utility>

#include "daybook/core/utf8.h"

#include "documents.h"
#include "redact_text.h"
#include "text.h"
#include "values.h"
#include "yaml_secrets.h"

namespace daybook::kestra {

namespace {

constexpr std::size_t kMessageMax = 1024;
constexpr std::size_t kExcerptMax = 16U << 10U;
// Shorter values of a private body are hidden in a message only between quotes.
constexpr std::size_t kScrubBytesMin = 3;

Json whole(const Json* json) {
  return json != nullptr && json->is_object() ? *json : Json(nullptr);
}

// Answer of `GET .../triggers/{namespace}/{flowId}`: a list, or a page of one.
Json pick_trigger(const Json* list, const Json& id) {
  const Json* items = list;
  if (list != nullptr && list->is_object() && list->contains("results"))
    items = &(*list)["results"];
  if (items == nullptr || !items->is_array()) return nullptr;
  for (const auto& item : *items) {
    if (member_of(&item, "triggerId") == id) return item;
  }
  return nullptr;
}

Json value_of(const Captured& captured, const Bodies& bodies) {
  if (!captured.request_body) return nullptr;
  if (bodies.request() != nullptr) return {{"value", *bodies.request()}};
  return {{"value", to_utf8(*captured.request_body)}};
}

Json file_after(const Finished& finished, const Json& detail) {
  Json out = Json::object();
  const auto to = raw_parameter(finished.request.query, "to");
  out["path"] = to ? Json(decoded_or_raw(*to, true)) : detail.value("path", Json(nullptr));
  if (finished.captured.request_body) {
    const auto parts =
        parse_form(finished.captured.request_content_type, *finished.captured.request_body);
    for (const auto& part : parts) {
      if (part.name == "fileContent") out["size"] = part.content.size();
    }
  }
  return out;
}

struct States {
  Json before;
  Json after;
};

States states_of(const Finished& finished, const Interpretation& out) {
  const Bodies& bodies = finished.bodies;
  States states;
  const Json detail_id = out.detail.value("id", Json(nullptr));
  switch (finished.rule.doc) {
    case Doc::none:
      return states;
    case Doc::kv:
      states.before = whole(bodies.before());
      states.after = value_of(finished.captured, bodies);
      break;
    case Doc::file:
      states.before = whole(bodies.before());
      if (states.before.is_object()) {
        states.before["path"] = out.detail.value("path", Json(nullptr));
      }
      states.after = file_after(finished, out.detail);
      break;
    case Doc::trigger:
      states.before = pick_trigger(bodies.before(), out.detail.value("triggerId", Json(nullptr)));
      states.after = whole(bodies.response());
      if (member_of(&states.after, "triggerId") != detail_id) states.after = nullptr;
      break;
    case Doc::flow:
    case Doc::execution:
    case Doc::template_:
      states.before = whole(bodies.before());
      states.after = whole(bodies.response());
      if (states.after.is_null()) states.after = whole(bodies.after());
      // Some answers are about something else, e.g. a promotion.
      if (member_of(&states.after, "id") != detail_id) states.after = nullptr;
      break;
    case Doc::object:
      states.before = whole(bodies.before());
      states.after = whole(bodies.response());
      break;
  }
  if (out.action == "CREATE") states.before = nullptr;
  if (out.action == "DELETE") states.after = nullptr;
  return states;
}

void collect(const Json& json, std::vector<std::string>& values) {
  if (json.is_structured()) {
    // NOLINTNEXTLINE(misc-no-recursion): parsed with a bounded depth.
    for (const auto& item : json) collect(item, values);
  } else if (json.is_string()) {
    values.push_back(json.get<std::string>());
  } else if (json.is_number()) {
    values.push_back(json.dump());
  }
}

// What the request's body says in confidence.
std::vector<std::string> private_values(const Finished& finished) {
  std::vector<std::string> values;
  const auto body = finished.captured.request_body;
  if (!body) return values;
  if (finished.rule.private_body) {
    values.push_back(to_utf8(trim(*body)));
    for (const auto& part : parse_form(finished.captured.request_content_type, *body)) {
      values.push_back(to_utf8(part.content.substr(0, kMessageMax)));
    }
    if (finished.bodies.request() != nullptr) collect(*finished.bodies.request(), values);
  } else if (finished.rule.doc == Doc::flow) {
    if (const auto secrets = find_yaml_secrets(*body)) {
      for (const auto& secret : *secrets) values.push_back(secret.value);
    }
  }
  return values;
}

void scrub(std::string& message, const std::string& value) {
  if (value.size() >= kScrubBytesMin) {
    replace_all(message, value, kHidden);
    return;
  }
  if (value.empty()) return;
  for (const std::string_view quote : {"`", "'", "\""}) {
    const std::string written = std::string(quote) + value + std::string(quote);
    replace_all(message, written, std::string(quote) + std::string(kHidden) + std::string(quote));
  }
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    out.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

// Segments of the path that are shown as `***`.
std::vector<std::string> secret_segments(const Finished& finished) {
  std::vector<std::string> values;
  if (finished.what.shown_path == finished.request.path) return values;
  const auto raw = segments_of(finished.request.path);
  const auto shown = segments_of(finished.what.shown_path);
  for (std::size_t i = 0; i < raw.size() && i < shown.size(); ++i) {
    if (raw[i] == shown[i]) continue;
    values.emplace_back(to_utf8(raw[i]));
    values.push_back(decoded_or_raw(raw[i], false));
  }
  return values;
}

}  // namespace

Touched touched_object(const Finished& finished, Interpretation& out) {
  Touched touched{out.detail, out.action, std::nullopt, std::nullopt};
  const unsigned status = finished.captured.status;
  if (finished.what.level < Level::change || finished.bodies.failed()) return touched;
  States states = states_of(finished, out);
  if (status == 0) states.after = nullptr;  // Nobody knows whether it was done.
  Documents documents = make_documents(finished.rule.doc, states.before, states.after);
  if (documents.unchanged) touched.detail["unchanged"] = true;
  if (documents.secret_changed) touched.detail["secretChanged"] = true;
  touched.before = std::move(documents.before);
  touched.after = std::move(documents.after);
  return touched;
}

std::optional<std::string> body_excerpt(const Finished& finished) {
  const auto body = finished.captured.request_body;
  if (!body || finished.rule.private_body || finished.rule.webhook || !is_utf8(*body)) {
    return std::nullopt;
  }
  // JSON is YAML too.
  return cut_text(redact_yaml(*body), kExcerptMax);
}

std::optional<std::string> error_message(const Finished& finished) {
  if (!finished.bodies.failed()) return std::nullopt;
  const Json told = member_of(finished.bodies.error(), "message");
  if (!told.is_string()) return std::nullopt;
  std::string message = told.get<std::string>();
  if (finished.rule.private_body && !finished.captured.request_body &&
      !finished.captured.request_content_type.empty()) {
    // The body was not kept, so what of it stands in the message cannot be told.
    message = message.substr(0, std::min(message.find(':'), message.size()));
  }
  for (const auto& value : private_values(finished)) scrub(message, value);
  for (const auto& value : secret_segments(finished)) scrub(message, value);
  return cut_text(redact_text(message), kMessageMax);
}

}  // namespace daybook::kestra
