// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/search/engine.h"

namespace daybook::api {

// The matches of a cursor one by one, taken from it a few at a time.
class Matches {
 public:
  Matches() = default;
  explicit Matches(std::unique_ptr<search::Cursor> cursor) : cursor_(std::move(cursor)) {}

  // None at the end, and for ever after it.
  Result<std::optional<EntryIndex>> next() {
    if (at_ == found_.size() && cursor_ != nullptr) {
      at_ = 0;
      DAYBOOK_ASSIGN_OR_RETURN(found_, cursor_->next(kAtOnce));
      if (found_.empty()) {
        cursor_.reset();
      }
    }
    if (at_ == found_.size()) {
      return std::optional<EntryIndex>();
    }
    return std::optional<EntryIndex>(found_[at_++]);
  }

 private:
  // Bounds the time one step of a cursor holds a network thread.
  static constexpr std::size_t kAtOnce = 256;

  std::unique_ptr<search::Cursor> cursor_;
  std::vector<EntryIndex> found_;
  std::size_t at_ = 0;
};

}  // namespace daybook::api
