// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };
inline constexpr std::size_t kMethods = 8;
[[nodiscard]] Method parse_method(std::string_view word);

// Shape of the documents that are kept as before and after.
enum class Doc : std::uint8_t { none, object, flow, execution, trigger, kv, file, template_ };

// Where one value of the detail is read from.
struct Source {
  enum class From : std::uint8_t { path, query, body, response, previous, literal };
  From from = From::literal;
  std::string name;       // Parameter or member; the value itself for a literal.
  std::size_t index = 0;  // Segment of the path, for From::path.
};

struct DetailKey {
  std::string key;
  std::vector<Source> sources;  // The first one that has a value wins.
};

// Target of a GET of the gateway's own, with holes for segments and query values of the request.
struct Target {
  struct Part {
    enum class Kind : std::uint8_t { text, segment, parameter };
    Kind kind = Kind::text;
    std::string text;                // Kind::text.
    std::size_t index = 0;           // Kind::segment.
    std::vector<std::string> names;  // Kind::parameter: first of these that is there.
  };
  bool with_tenant = false;  // Begins with `~`, the prefix of the request's own path.
  std::vector<Part> parts;
};

struct Segment {
  enum class Kind : std::uint8_t { fixed, parameter, rest };
  Kind kind = Kind::fixed;
  std::string text;  // Fixed text or name of the parameter.
};

// One line of the rule file; see README.md for the schema.
struct Rule {
  std::string name;
  Method method = Method::get;
  bool tenant = false;            // Written with `~`.
  std::vector<Segment> segments;  // Without the tenant.
  std::string resource;
  std::string action;
  std::optional<std::string> absent;
  Level level = Level::metadata;
  Mode mode = Mode::available;
  bool sign_in = false;
  bool open = false;
  bool webhook = false;
  bool private_body = false;
  bool reason_required = false;
  std::optional<std::string> username;  // Member of the body whose keyed hash becomes detail.id.
  std::vector<std::size_t> secret;      // Segments that are shown as `***`.
  Bulk bulk = Bulk::no;
  std::string ids;  // Member of the body that lists objects; empty: the body.
  Doc doc = Doc::none;
  std::optional<Target> before;
  std::optional<Target> after;
  std::vector<DetailKey> detail;

  [[nodiscard]] bool changes() const { return action != "READ"; }
};

}  // namespace daybook::kestra
