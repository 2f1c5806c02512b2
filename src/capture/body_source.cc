// SPDX-License-Identifier: Apache-2.0
#include "body_source.h"

namespace daybook::capture {

net::Task<Result<std::string_view>> BodySource::next() {
  for (;;) {
    if (given_) {
      Result<std::string_view> slice = decoder_->take();
      if (!slice) {
        bad_coding_ = true;
        co_return slice;
      }
      if (!slice->empty()) {
        co_return slice;
      }
      given_ = false;
    }
    Result<std::string_view> piece = co_await exchange_.read_some();
    if (!piece) {
      co_return piece;
    }
    if (piece->empty()) {
      const Status ended = decoder_->end();
      if (!ended) {
        bad_coding_ = true;
        co_return ended.error();
      }
      co_return std::string_view{};
    }
    decoder_->give(*piece);
    given_ = true;
  }
}

}  // namespace daybook::capture
