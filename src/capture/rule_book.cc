// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/rule_book.h"

#include <fstream>
#include <utility>

#include "daybook/capture/heartbeat.h"
#include "daybook/core/bytes.h"
#include "daybook/crypto/sha256.h"

namespace daybook::capture {
namespace {

constexpr std::size_t kFileBytesMax = 2U << 20U;

std::shared_ptr<const kestra::Rules> builtin() {
  // Lives as long as the program.
  return {std::shared_ptr<const kestra::Rules>(), &kestra::Rules::builtin()};
}

}  // namespace

RuleBook::RuleBook(std::optional<std::filesystem::path> file, Edition edition)
    : file_(std::move(file)), edition_(std::move(edition)) {}

Result<std::string> RuleBook::read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return Error{Errc::not_found, "cannot open the rule file", file.string()};
  }
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) {
    return Error{Errc::io, "cannot read the rule file", file.string()};
  }
  if (text.size() > kFileBytesMax) {
    return Error{Errc::exhausted, "the rule file is larger than 2 MiB", file.string()};
  }
  return text;
}

Result<std::unique_ptr<RuleBook>> RuleBook::open(std::optional<std::filesystem::path> file) {
  Edition edition{builtin(), ""};
  if (file) {
    DAYBOOK_ASSIGN_OR_RETURN(const std::string text, read(*file));
    auto parsed = kestra::Rules::parse(text);
    if (!parsed) {
      parsed.error().path = file->string();
      return parsed.error();
    }
    edition = {*std::move(parsed), to_hex(crypto::sha256(text))};
  }
  return std::unique_ptr<RuleBook>(new RuleBook(std::move(file), std::move(edition)));
}

std::shared_ptr<const kestra::Rules> RuleBook::now() const {
  const std::lock_guard lock(mutex_);
  return edition_.rules;
}

record::Event RuleBook::in_force(const Clock& clock) const {
  const std::lock_guard lock(mutex_);
  record::Json detail = {{"version", edition_.rules->version()},
                         {"rules", edition_.rules->size()},
                         {"builtIn", edition_.sha256.empty()}};
  if (!edition_.sha256.empty()) {
    detail["sha256"] = edition_.sha256;
  }
  return instance_event(clock, "RULES", std::move(detail));
}

std::optional<record::Event> RuleBook::reload(const Clock& clock) {
  if (!file_) {
    return std::nullopt;
  }
  Result<std::string> text = read(*file_);
  std::string sha256 = text ? to_hex(crypto::sha256(*text)) : std::string();
  {
    const std::lock_guard lock(mutex_);
    if (text && sha256 == edition_.sha256) {
      last_refused_.clear();
      return std::nullopt;
    }
  }
  Result<std::unique_ptr<kestra::Rules>> parsed =
      text ? kestra::Rules::parse(*text) : Result<std::unique_ptr<kestra::Rules>>(text.error());
  if (!parsed) {
    const std::string refused = sha256 + " " + parsed.error().context;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(last_refused_, refused) == refused) {
        return std::nullopt;
      }
    }
    record::Event event = in_force(clock);
    event.result = record::ResultWord::failure;
    event.message = "rule file refused, the rules stay: " + parsed.error().context;
    event.detail["refusedSha256"] = sha256;
    return event;
  }
  {
    const std::lock_guard lock(mutex_);
    edition_ = {*std::move(parsed), std::move(sha256)};
    last_refused_.clear();
  }
  return in_force(clock);
}

}  // namespace daybook::capture
