// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/regex.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <utility>

namespace daybook::query {
namespace {

// For program and automaton together. What does not fit is matched more slowly, so the program is
// bounded on its own: the slow way costs its size times the text.
constexpr std::int64_t kMemoryBytesMax = 1 << 20;
constexpr int kProgramSizeMax = 2000;

re2::RE2::Options options() {
  re2::RE2::Options out;
  out.set_log_errors(false);
  out.set_never_capture(true);
  out.set_max_mem(kMemoryBytesMax);
  return out;
}

Error refused(std::string_view pattern, std::string_view why) {
  return Error{Errc::invalid, fmt::format("'{}' is not a regular expression that can be used: {}",
                                          pattern.substr(0, Regex::kPatternBytesMax), why)};
}

}  // namespace

struct Regex::Program {
  explicit Program(std::string_view pattern)
      : re(re2::StringPiece(pattern.data(), pattern.size()), options()) {}
  re2::RE2 re;
};

Regex::Regex(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return refused("...", fmt::format("it has more than {} bytes", kPatternBytesMax));
  }
  auto program = std::make_unique<const Program>(pattern);
  if (!program->re.ok()) return refused(pattern, program->re.error());
  if (program->re.ProgramSize() > kProgramSizeMax) {
    return refused(pattern, "it is too big once its repetitions are written out");
  }
  return std::shared_ptr<const Regex>(new Regex(std::move(program)));
}

bool Regex::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), program_->re);
}

}  // namespace daybook::query
