// SPDX-License-Identifier: Apache-2.0
#include "ndjson.h"

#include <utility>

#include "daybook/core/check.h"

namespace daybook::capture {
namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Of a line that was parsed before.
std::string id_of(std::string_view line) {
  const Result<record::Json> value = record::parse_json(line);
  return value ? value->value("id", "") : "";
}

}  // namespace

NdjsonTaker::NdjsonTaker(Recorder& recorder, IngestContext context, bool listed)
    : recorder_(recorder), context_(std::move(context)), receipts_(listed) {}

net::Task<bool> NdjsonTaker::take(std::string_view slice) {
  while (!slice.empty()) {
    const std::size_t end = slice.find('\n');
    const std::size_t length = end == std::string_view::npos ? slice.size() : end;
    if (partial_.size() + length > kLineMax) {
      ++line_number_;
      bad_line_ = Refusal{422, "a line may have at most 1048576 bytes", "", line_number_};
      co_await stop();
      co_return false;
    }
    if (end == std::string_view::npos) {
      partial_ += slice;
      break;
    }
    bool good = false;
    if (partial_.empty()) {
      good = add_line(slice.substr(0, length));
    } else {
      partial_ += slice.substr(0, length);
      good = add_line(partial_);
      partial_.clear();
    }
    slice.remove_prefix(length + 1);
    if (!good || filling_.lines.size() >= kGroupLinesMax || filling_.raw.size() >= kGroupBytesMax) {
      const bool submitted = co_await submit();
      if (!good || !submitted) {
        co_await stop();
        co_return false;
      }
    }
  }
  // Nothing is on its way: what there is need not wait for more.
  if (!filling_.lines.empty() && (!append_ || append_->done())) {
    co_return co_await submit();
  }
  co_return true;
}

net::Task<bool> NdjsonTaker::finish() {
  if (!partial_.empty()) {
    add_line(std::exchange(partial_, {}));
  }
  co_await stop();
  co_return !refusal_;
}

net::Task<void> NdjsonTaker::break_off(std::optional<Refusal>& why) {
  if (!bad_line_) {
    bad_line_ = std::move(why);
  }
  co_await stop();
}

// Stores what is left and lets the bad line count, if everything before it was stored.
net::Task<void> NdjsonTaker::stop() {
  const bool submitted = co_await submit();
  if (submitted) {
    co_await settle();
  }
  if (!refusal_) {
    refusal_ = std::move(bad_line_);
  }
}

bool NdjsonTaker::add_line(std::string_view line) {
  ++line_number_;
  if (is_blank(line)) {
    return true;
  }
  if (receipts_.listed() &&
      receipts_.count() + flying_.lines.size() + filling_.lines.size() >= kListedMax) {
    bad_line_ = Refusal{422, "with receipts=true a request may have at most 1000000 events",
                        "receipts", line_number_};
    return false;
  }
  return parse_into(filling_, line, line_number_);
}

bool NdjsonTaker::parse_into(Group& group, std::string_view line, std::uint64_t number) {
  Result<record::Json> value = record::parse_json(line);
  if (!value) {
    bad_line_ = Refusal{422, std::move(value).error().context, "", number};
    return false;
  }
  Result<ParsedEvent> parsed = parse_event(*std::move(value), context_, recorder_.clock().now());
  if (!parsed) {
    bad_line_ = Refusal{422, parsed.error().context, parsed.error().path, number};
    return false;
  }
  if (parsed->event.id.empty()) {
    parsed->event.id = recorder_.new_id();
  }
  group.lines.push_back({group.raw.size(), line.size(), number});
  group.raw += line;
  group.events.push_back(std::move(parsed->event));
  group.contents.push_back(std::move(parsed->content));
  return true;
}

void NdjsonTaker::start(Group group) {
  flying_ids_.clear();
  if (receipts_.listed()) {
    for (const record::Event& event : group.events) {
      flying_ids_.push_back(event.id);
    }
  }
  append_ = recorder_.begin(std::exchange(group.events, {}), std::exchange(group.contents, {}));
  flying_ = std::move(group);
}

net::Task<bool> NdjsonTaker::submit() {
  const bool settled = co_await settle();
  if (!settled) {
    co_return false;
  }
  if (!filling_.lines.empty()) {
    start(std::exchange(filling_, {}));
  }
  co_return true;
}

net::Task<bool> NdjsonTaker::settle() {
  if (!append_) {
    co_return !refusal_;
  }
  auto append = std::exchange(append_, nullptr);
  Result<ledger::Appended> appended = co_await PendingAppend::wait(std::move(append));
  if (appended) {
    receipts_.add(*appended, flying_ids_);
    flying_ = {};
    co_return true;
  }
  const Error& error = appended.error();
  if (error.code != Errc::exists ||
      error.offset.value_or(flying_.lines.size()) >= flying_.lines.size()) {
    refusal_ = not_taken(error, flying_.lines.front().number);
    co_return false;
  }
  const std::size_t at = *error.offset;
  const Line& line = flying_.lines[at];
  refusal_ = conflict(error, id_of(std::string_view(flying_.raw).substr(line.offset, line.length)),
                      "/id", line.number);
  co_await store_prefix(at);
  co_return false;
}

// The ledger refused a whole group because of one line. Those before it are good.
net::Task<void> NdjsonTaker::store_prefix(std::size_t lines) {
  Group prefix;
  for (std::size_t i = 0; i < lines; ++i) {
    const Line& line = flying_.lines[i];
    const bool again = parse_into(
        prefix, std::string_view(flying_.raw).substr(line.offset, line.length), line.number);
    DAYBOOK_CHECK(again);
  }
  flying_ = {};
  if (lines > 0) {
    start(std::move(prefix));
    // Another writer may have taken an earlier id meanwhile: then the refusal names that line.
    co_await settle();
  }
}

}  // namespace daybook::capture
