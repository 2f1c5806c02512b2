// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {

// One part of a multipart/form-data body.
struct FormPart {
  std::string name;
  std::string file_name;  // Empty: none.
  std::string_view content;
};
inline constexpr std::size_t kFormPartsMax = 1000;
[[nodiscard]] std::vector<FormPart> parse_form(std::string_view content_type,
                                               std::string_view body);

// Documents of a YAML text, cut at lines that begin with `---`. At most kDocumentsMax.
inline constexpr std::size_t kDocumentsMax = 10'000;
[[nodiscard]] std::vector<std::string_view> split_yaml(std::string_view text);

// A scalar at the top level of one YAML document, found by its line: works for sources that are no
// valid flow (or no valid YAML) too.
[[nodiscard]] std::optional<std::string> yaml_top_level(std::string_view document,
                                                        std::string_view key);

// The bodies of a finished request, read as far as they can be, each when it is first asked for:
// most reads are recorded without a look into the answer. One thread.
class Bodies {
 public:
  explicit Bodies(const Captured& captured);

  // nullptr: not kept, or no JSON.
  [[nodiscard]] const Json* request() const { return request_.get(); }
  [[nodiscard]] const Json* response() const { return response_.get(); }  // Of a 2xx answer only.
  [[nodiscard]] const Json* error() const { return error_.get(); }        // Of another answer.
  [[nodiscard]] const Json* before() const { return before_.get(); }
  [[nodiscard]] const Json* after() const { return after_.get(); }
  [[nodiscard]] bool succeeded() const { return status_ >= 200 && status_ < 300; }
  [[nodiscard]] bool failed() const { return status_ >= 400; }

  // Member of the request body, JSON or YAML. Null if absent.
  [[nodiscard]] Json request_member(const std::string& name) const;

 private:
  struct Body {
    mutable std::optional<std::string_view> text;  // Until it is parsed.
    mutable std::optional<Json> json;
    [[nodiscard]] const Json* get() const;
  };

  unsigned status_;
  std::string_view request_text_;
  Body request_;
  Body response_;
  Body error_;
  Body before_;
  Body after_;
};

// Member of an object; null if `json` is none or has no such member.
[[nodiscard]] Json member_of(const Json* json, const std::string& name);

}  // namespace daybook::kestra
