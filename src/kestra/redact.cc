// SPDX-License-Identifier: Apache-2.0
#include "redact.h"

#include "redact_text.h"
#include "secret_names.h"
#include "text.h"

namespace daybook::kestra {

namespace {

// Deeper parts of a document are hidden as a whole.
constexpr std::size_t kDepthMax = 70;

const std::string* member_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>()
                                                     : nullptr;
}

// The members of an object that are secret because of what stands beside them.
struct Siblings {
  bool webhook = false;  // `key` of a Webhook trigger.
  bool named = false;    // `value`, `defaults` ... of an entry whose name is that of a secret.
  bool patch = false;    // `value` of a patch operation on a secret.

  explicit Siblings(const Json& object) {
    if (const auto* type = member_text(object, "type")) {
      webhook = is_webhook_type(*type);
      named = *type == "SECRET";
    }
    for (const char* name : {"key", "name", "id"}) {
      const auto* text = member_text(object, name);
      if (text != nullptr && is_secret_name(*text)) named = true;
    }
    const auto* path = member_text(object, "path");
    if (path != nullptr && object.contains("op")) {
      const std::string last = path->substr(path->rfind('/') + 1);
      patch = is_secret_name(last) || (last == "key" && path->starts_with("/triggers/"));
    }
  }

  [[nodiscard]] bool hides(std::string_view member) const {
    if (webhook && member == "key") return true;
    if (patch && member == "value") return true;
    return named && (member == "value" || member == "defaults" || member == "default" ||
                     member == "prefill");
  }
};

class Redactor {
 public:
  Redactor(Secrets& secrets, const Secrets* old) : secrets_(secrets), old_(old) {}

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kDepthMax.
  void walk(Json& node, const std::string& path, bool secret, std::size_t depth) {
    if (depth > kDepthMax) {
      node = kHidden;
    } else if (node.is_object()) {
      const Siblings siblings(node);
      for (auto& [name, value] : node.items()) {
        const bool hidden = secret || is_secret_name(name) || siblings.hides(name);
        walk(value, path + "/" + name, hidden, depth + 1);
      }
    } else if (node.is_array()) {
      std::size_t position = 0;
      for (auto& value : node) {
        const auto* id = value.is_object() ? member_text(value, "id") : nullptr;
        const std::string piece = id != nullptr ? *id : std::to_string(position);
        ++position;
        walk(value, path + "/" + piece, secret, depth + 1);
      }
    } else {
      leaf(node, path, secret);
    }
  }

 private:
  void leaf(Json& node, const std::string& path, bool secret) {
    if (!secret) {
      if (!node.is_string()) return;
      const auto& text = node.get_ref<const std::string&>();
      const bool source = path.ends_with("/source") || path.ends_with("/sourceCode") ||
                          (text.find('\n') != std::string::npos && is_webhook_type(text));
      node = source ? redact_source(text, path, secrets_, old_) : redact_text(text);
      return;
    }
    if (node.is_null() || node.is_boolean()) return;
    const std::string raw = node.is_string() ? node.get<std::string>() : node.dump();
    if (node.is_string() && (raw.empty() || is_reference(raw))) return;
    secrets_[path] = raw;
    bool changed = false;
    if (old_ != nullptr) {
      const auto was = old_->find(path);
      changed = was != old_->end() && was->second != raw;
    }
    node = changed ? kHiddenChanged : kHidden;
  }

  Secrets& secrets_;
  const Secrets* old_;
};

}  // namespace

Json redact(Json document) {
  Secrets secrets;
  Redactor(secrets, nullptr).walk(document, "", false, 0);
  return document;
}

bool redact_pair(Json& before, Json& after) {
  const bool same = before == after;
  Secrets old;
  Secrets now;
  Redactor(old, nullptr).walk(before, "", false, 0);
  Redactor(now, &old).walk(after, "", false, 0);
  if (same) return false;
  bool changed = false;
  for (const auto& [path, raw] : now) {
    const auto was = old.find(path);
    changed = changed || (was != old.end() && was->second != raw);
  }
  // Something differs that is not shown any more.
  if (before == after) {
    changed = true;
    if (after.is_object()) after["secretChanged"] = true;
  }
  return changed;
}

Json redact_query(std::string_view raw_query) {
  Json out = Json::object();
  for (const auto& parameter : split_query(raw_query)) {
    std::string value = decoded_or_raw(parameter.raw_value, true);
    const bool secret = parameter.name == "key" || is_secret_name(parameter.name);
    Json shown = secret && !value.empty() ? Json(kHidden) : Json(redact_text(value));
    const auto found = out.find(parameter.name);
    if (found == out.end()) {
      out[parameter.name] = std::move(shown);
    } else if (found->is_array()) {
      found->push_back(std::move(shown));
    } else {
      *found = Json::array({*found, std::move(shown)});
    }
  }
  return out;
}

std::string redact_yaml(std::string_view source) {
  Secrets secrets;
  return redact_source(source, "", secrets, nullptr);
}

}  // namespace daybook::kestra
