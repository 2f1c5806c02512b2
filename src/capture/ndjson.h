// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/capture/parse_event.h"
#include "daybook/capture/recorder.h"
#include "daybook/net/task.h"

#include "error_answer.h"
#include "receipts.h"

namespace daybook::capture {

// Takes an NDJSON stream line by line and stores it in groups: while one group is on its way to the
// disk, the next is read and prepared. Groups are appended in order, one at a time, so that what is
// durable is always a prefix of the stream.
//
// Threads: one coroutine.
class NdjsonTaker {
 public:
  static constexpr std::size_t kLineMax = 1ULL << 20U;  // Bytes of a line.
  static constexpr std::size_t kGroupLinesMax = 2'000;
  static constexpr std::size_t kGroupBytesMax = 1ULL << 20U;  // A single line may pass it.
  static constexpr std::uint64_t kListedMax = 1'000'000;  // Events of one request with receipts.

  NdjsonTaker(Recorder& recorder, IngestContext context, bool listed);

  // The next bytes of the stream, cut anywhere. False: stop, refusal() says why.
  net::Task<bool> take(std::string_view slice);
  // The end of the stream: the last line needs no line feed. Everything taken is durable
  // afterwards, or refusal() says why not.
  net::Task<bool> finish();
  // Ends early because the input broke at the line that follows: what came before it is stored.
  // `why` is nothing if nobody is there to be told.
  net::Task<void> break_off(std::optional<Refusal>& why);

  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }
  // Number of the line that the next byte belongs to.
  [[nodiscard]] std::uint64_t next_line() const { return line_number_ + 1; }
  [[nodiscard]] const Receipts& receipts() const { return receipts_; }

 private:
  struct Line {
    std::size_t offset = 0;  // In Group::raw.
    std::size_t length = 0;
    std::uint64_t number = 0;  // In the stream, from 1, blank lines counted.
  };
  struct Group {
    std::string raw;  // Kept to make a prefix again if a later line is refused by the ledger.
    std::vector<Line> lines;
    std::vector<record::Event> events;
    std::vector<std::string> contents;
  };

  bool add_line(std::string_view line);
  bool parse_into(Group& group, std::string_view line, std::uint64_t number);
  net::Task<void> stop();
  net::Task<bool> submit();
  net::Task<bool> settle();
  net::Task<void> store_prefix(std::size_t lines);
  void start(Group group);

  Recorder& recorder_;
  IngestContext context_;
  Receipts receipts_;
  std::string partial_;  // A line whose end has not come yet.
  std::uint64_t line_number_ = 0;
  Group filling_;
  Group flying_;
  std::vector<std::string> flying_ids_;
  std::shared_ptr<PendingAppend> append_;  // Of flying_.
  std::optional<Refusal> bad_line_;        // Counts only once everything before it is stored.
  std::optional<Refusal> refusal_;
};

}  // namespace daybook::capture
