// SPDX-License-Identifier: Apache-2.0
#include "account_rules.h"

#include "daybook/core/utf8.h"

namespace daybook::access {
namespace {

constexpr std::size_t kNameCharactersMax = 128;
constexpr std::size_t kTextCharactersMax = 256;
constexpr std::size_t kPasswordBytesMin = 8;
constexpr std::size_t kPasswordBytesMax = 1'024;

Error refused(const char* path, std::string why) {
  return Error{Errc::invalid, std::move(why), path};
}

Status check_text(std::string_view text, std::size_t characters_max, const char* path) {
  if (!is_utf8(text) || has_control(text)) {
    return refused(path, "must be UTF-8 without control characters");
  }
  if (count_code_points(text) > characters_max) {
    return refused(path, "must have at most " + std::to_string(characters_max) + " characters");
  }
  return {};
}

Status check_name(std::string_view name, const char* path) {
  if (name.empty()) return refused(path, "must not be empty");
  // Basic credentials end the name at the first colon (RFC 7617 section 2).
  if (name.find(':') != std::string_view::npos) return refused(path, "must not contain a colon");
  if (name == local_root().username) return refused(path, "is reserved");
  return check_text(name, kNameCharactersMax, path);
}

Status check_scope(Role role, const std::optional<std::string>& tenant,
                   const std::optional<std::string>& namespace_prefix) {
  if (tenant && !record::is_tenant(*tenant)) {
    return refused("/tenant", "must match [a-z0-9][a-z0-9_-]{0,62}");
  }
  if (role == Role::viewer && !tenant) return refused("/tenant", "a viewer needs a tenant");
  if (!namespace_prefix) return {};
  if (role != Role::viewer)
    return refused("/namespace", "only a viewer can be tied to a namespace");
  if (namespace_prefix->empty()) return refused("/namespace", "must not be empty");
  return check_text(*namespace_prefix, kTextCharactersMax, "/namespace");
}

}  // namespace

Status check_user(const NewUser& user) {
  DAYBOOK_RETURN_IF_ERROR(check_name(user.username, "/username"));
  if (user.password.size() < kPasswordBytesMin) {
    return refused("/password", "must have at least 8 bytes");
  }
  if (user.password.size() > kPasswordBytesMax) {
    return refused("/password", "must have at most 1024 bytes");
  }
  // Basic credentials cannot carry them (RFC 7617 section 2), and mostly they are a stray line end.
  if (!is_utf8(user.password) || has_control(user.password)) {
    return refused("/password", "must be UTF-8 without control characters");
  }
  DAYBOOK_RETURN_IF_ERROR(check_scope(user.role, user.tenant, user.namespace_prefix));
  DAYBOOK_RETURN_IF_ERROR(check_text(user.email, kTextCharactersMax, "/email"));
  return check_text(user.name, kTextCharactersMax, "/name");
}

Status check_service_account(const NewServiceAccount& account) {
  DAYBOOK_RETURN_IF_ERROR(check_name(account.name, "/name"));
  return check_scope(account.role, account.tenant, account.namespace_prefix);
}

Status check_token(std::string_view name, std::optional<UnixMillis> expires_at, UnixMillis now) {
  DAYBOOK_RETURN_IF_ERROR(check_text(name, kNameCharactersMax, "/name"));
  if (expires_at && *expires_at <= now) return refused("/expiresAt", "must be in the future");
  return {};
}

}  // namespace daybook::access
