// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/clock.h"
#include "daybook/record/row.h"

#include "canonical.h"

namespace daybook::record {
namespace {

constexpr std::string_view kColumns =
    "id,tenantId,date,resource,type,userId,username,userType,ipAddress,impersonatedBy,"
    "namespace,flowId,executionId,revision,detail";

// One line of fields (RFC 4180). A field that a spreadsheet would take for a formula gets a leading
// apostrophe.
class CsvLine {
 public:
  void field(std::string_view text) {
    if (!first_) {
      out_ += ',';
    }
    first_ = false;
    constexpr std::string_view formula = "=+-@\t\r";
    const bool guarded = !text.empty() && formula.find(text.front()) != std::string_view::npos;
    const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
    if (quoted) {
      out_ += '"';
    }
    if (guarded) {
      out_ += '\'';
    }
    for (const char c : text) {
      if (c == '"') {
        out_ += '"';
      }
      out_ += c;
    }
    if (quoted) {
      out_ += '"';
    }
  }
  void optional(const OptionalText& text) {
    field(text ? std::string_view(*text) : std::string_view());
  }
  [[nodiscard]] std::string end() && { return std::move(out_ += "\r\n"); }

 private:
  std::string out_;
  bool first_ = true;
};

// A string as it is, anything else as canonical JSON, absent empty.
std::string detail_text(const Event& event, const char* name) {
  if (!event.detail.is_object()) {
    return {};
  }
  const auto at = event.detail.find(name);
  if (at == event.detail.end()) {
    return {};
  }
  if (at->is_string()) {
    return at->get<std::string>();
  }
  std::string text;
  append_lenient(text, *at);
  return text;
}

OptionalText user_type(const Event& event) {
  if (!shown_username(event)) {
    return std::nullopt;
  }
  return std::string(to_string(event.actor_kind));
}

}  // namespace

std::string csv_header(bool with_daybook) {
  std::string header(kColumns);
  header += with_daybook ? ",index,leafHash\r\n" : "\r\n";
  return header;
}

std::string csv_line(const Event& event, const EntryFacts* facts) {
  CsvLine line;
  line.field(event.id);
  line.optional(event.tenant_id);
  line.field(format_time(event.date));
  line.field(event.resource);
  line.field(event.action);
  line.field(shown_user_id(event));
  line.optional(shown_username(event));
  line.optional(user_type(event));
  line.optional(event.actor.ip_address);
  line.optional(event.actor.impersonated_by);
  for (const char* name : {"namespace", "flowId", "executionId", "revision"}) {
    line.field(detail_text(event, name));
  }
  std::string detail;
  append_lenient(detail, shown_detail(event));
  line.field(detail);
  if (facts != nullptr) {
    line.field(std::to_string(facts->index.value()));
    line.field(to_hex(facts->leaf_hash));
  }
  return std::move(line).end();
}

}  // namespace daybook::record
