// SPDX-License-Identifier: Apache-2.0
#include "secret_names.h"

#include <algorithm>
#include <array>

#include "daybook/core/utf8.h"

#include "text.h"

namespace daybook::kestra {

namespace {

constexpr std::size_t kNameMax = 128;

constexpr std::array<std::string_view, 23> kParts = {
    "password",         "passwd",        "passphrase",
    "secret",           "token",         "apikey",
    "privatekey",       "accesskey",     "accountkey",
    "sharedkey",        "encryptionkey", "signingkey",
    "sshkey",           "webhookkey",    "authorization",
    "credential",       "cookie",        "bearer",
    "connectionstring", "authconfig",    "storageconfiguration",
    "privatepem",       "keystorepass"};

constexpr std::array<std::string_view, 10> kWhole = {
    "pwd", "pass", "jwt", "pem", "otp", "pin", "csrf", "sid", "authkey", "serviceaccountkey"};

// Names that only sound like it.
constexpr std::array<std::string_view, 12> kHarmless = {
    "tokenid",  "tokentype", "tokenurl",  "tokenuri",        "tokenendpoint",  "secretname",
    "maxtoken", "maxtokens", "mintokens", "maxoutputtokens", "passwordpolicy", "secretsmanager"};

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kNameMax)) {
    if (c >= 'A' && c <= 'Z') {
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if (c != '_' && c != '-' && c != '.' && c != ' ') {
      out.push_back(c);
    }
  }
  return out;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool only(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string word = plain(name);
  if (is_one_of(kWhole, word)) return true;
  if (is_one_of(kHarmless, word)) return false;
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return word.find(part) != std::string::npos; });
}

bool is_webhook_type(std::string_view type) {
  return ascii_lower(type).find("webhook") != std::string::npos;
}

bool is_reference(std::string_view value) {
  value = trim(value);
  if (!value.starts_with("{{") || !value.ends_with("}}") || value.size() < 5) return false;
  value = trim(value.substr(2, value.size() - 4));
  for (const std::string_view call : {"secret(", "kv("}) {
    if (!value.starts_with(call) || !value.ends_with(')')) continue;
    value = value.substr(call.size(), value.size() - call.size() - 1);
    if (value.size() < 3 || value.front() != value.back()) return false;
    if (value.front() != '\'' && value.front() != '"') return false;
    return only(value.substr(1, value.size() - 2), "_-.");
  }
  for (const std::string_view root : {"envs.", "inputs.", "vars.", "globals."}) {
    if (value.starts_with(root)) return only(value, "_-.");
  }
  return false;
}

}  // namespace daybook::kestra
