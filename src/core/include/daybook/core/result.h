// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace daybook {

// What kind of thing went wrong. Small and closed: callers decide by code, never by text.
enum class Errc : std::uint8_t {
  invalid,      // The input breaks a rule; context names field and rule. Repeating is useless.
  not_found,    // The thing named does not exist.
  exists,       // It exists already and differs.
  corrupt,      // Stored bytes are not what was written. Writing stops.
  io,           // The operating system refused; context has the call and errno text.
  unavailable,  // Not now (stopping, full queue upstream, dead peer). May be retried.
  timeout,      // A bounded wait ran out.
  denied,       // The caller may not.
  exhausted,    // A stated limit (bytes, depth, count, disk space) was passed.
  unsupported,  // Well-formed, but not something daybook does.
  cancelled,    // The one who asked has gone.
};

[[nodiscard]] const char* to_string(Errc code);

// An error value. `context` is for people and may be shown to the caller; it never holds a secret.
struct Error {
  Errc code = Errc::invalid;
  std::string context;
  std::string path = {};                               // JSON Pointer, parameter or file name.
  std::optional<std::uint64_t> offset = std::nullopt;  // Byte offset in the input or file.
};

// A value or an Error. Same shape as std::expected; see core/README.md for the macros.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  using Base = tl::expected<T, Error>;

 public:
  using Base::Base;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{...}` is the point.
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}
};

using Status = Result<void>;

}  // namespace daybook

#define DAYBOOK_CONCAT_INNER(a, b) a##b
#define DAYBOOK_CONCAT(a, b) DAYBOOK_CONCAT_INNER(a, b)

// Two statements each: never the body of an `if` without braces.
#define DAYBOOK_ASSIGN_OR_RETURN(lhs, expr) \
  DAYBOOK_ASSIGN_IMPL(DAYBOOK_CONCAT(daybook_result_, __LINE__), lhs, expr, return)
#define DAYBOOK_CO_ASSIGN_OR_RETURN(lhs, expr) \
  DAYBOOK_ASSIGN_IMPL(DAYBOOK_CONCAT(daybook_result_, __LINE__), lhs, expr, co_return)
#define DAYBOOK_ASSIGN_IMPL(tmp, lhs, expr, ret) \
  auto tmp = (expr);                             \
  if (!tmp) ret std::move(tmp).error();          \
  lhs = *std::move(tmp)

#define DAYBOOK_RETURN_IF_ERROR(expr) \
  if (auto daybook_status = (expr); !daybook_status) return std::move(daybook_status).error()
#define DAYBOOK_CO_RETURN_IF_ERROR(expr) \
  if (auto daybook_status = (expr); !daybook_status) co_return std::move(daybook_status).error()
