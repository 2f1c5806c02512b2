// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/content_decoder.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include <zstd.h>

#include "daybook/core/utf8.h"

namespace daybook::capture {
namespace {

// 32 MiB: what `zstd -19` and below need, with room; `--long` streams are refused.
constexpr int kWindowLogMax = 25;

class IdentityDecoder final : public ContentDecoder {
 public:
  void give(std::string_view piece) override { piece_ = piece; }
  Result<std::string_view> take() override { return std::exchange(piece_, {}); }
  Status end() override { return {}; }

 private:
  std::string_view piece_;
};

class GzipDecoder final : public ContentDecoder {
 public:
  GzipDecoder() {
    constexpr int gzip_with_full_window = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_with_full_window) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;
  ~GzipDecoder() override { inflateEnd(&stream_); }

  void give(std::string_view piece) override { piece_ = piece; }

  Result<std::string_view> take() override {
    for (;;) {
      if (piece_.empty() && !output_pending_) {
        return std::string_view{};
      }
      if (member_ended_) {
        inflateReset(&stream_);
        member_ended_ = false;
      }
      DAYBOOK_ASSIGN_OR_RETURN(const std::size_t made, inflate_slice());
      if (made > 0) {
        return std::string_view(slice_.data(), made);
      }
    }
  }

  Status end() override {
    if (!member_ended_) {
      return Error{Errc::invalid, "the gzip data is cut short"};
    }
    return {};
  }

 private:
  Result<std::size_t> inflate_slice() {
    slice_.resize(kSliceMax);
    const std::size_t given =
        std::min<std::size_t>(piece_.size(), std::numeric_limits<uInt>::max());
    // zlib never writes through next_in.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(piece_.data()));
    stream_.avail_in = static_cast<uInt>(given);
    stream_.next_out = reinterpret_cast<Bytef*>(slice_.data());
    stream_.avail_out = static_cast<uInt>(slice_.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    piece_.remove_prefix(given - stream_.avail_in);
    const std::size_t made = slice_.size() - stream_.avail_out;
    if (code == Z_STREAM_END) {
      member_ended_ = true;
      output_pending_ = false;
      return made;
    }
    if (code != Z_OK && code != Z_BUF_ERROR) {
      return Error{Errc::invalid, "not valid gzip data"};
    }
    output_pending_ = stream_.avail_out == 0;
    return made;
  }

  z_stream stream_{};
  std::string_view piece_;
  std::string slice_;
  bool member_ended_ = false;    // Also false before the first byte: an empty stream is cut short.
  bool output_pending_ = false;  // The slice was full: zlib may hold more.
};

class ZstdDecoder final : public ContentDecoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDCtx()) {
    if (stream_ == nullptr) {
      throw std::bad_alloc();
    }
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kWindowLogMax);
  }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;
  ~ZstdDecoder() override { ZSTD_freeDCtx(stream_); }

  void give(std::string_view piece) override { piece_ = piece; }

  Result<std::string_view> take() override {
    slice_.resize(kSliceMax);
    while (!piece_.empty() || output_pending_) {
      ZSTD_inBuffer in{piece_.data(), piece_.size(), 0};
      ZSTD_outBuffer out{slice_.data(), slice_.size(), 0};
      const std::size_t code = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(code) != 0U) {
        return Error{Errc::invalid, "not valid zstd data"};
      }
      piece_.remove_prefix(in.pos);
      frame_ended_ = code == 0;
      output_pending_ = out.pos == out.size && !frame_ended_;
      if (out.pos > 0) {
        return std::string_view(slice_.data(), out.pos);
      }
    }
    return std::string_view{};
  }

  Status end() override {
    if (!frame_ended_) {
      return Error{Errc::invalid, "the zstd data is cut short"};
    }
    return {};
  }

 private:
  ZSTD_DCtx* stream_;
  std::string_view piece_;
  std::string slice_;
  bool frame_ended_ = false;
  bool output_pending_ = false;
};

}  // namespace

std::optional<ContentCoding> parse_content_coding(std::string_view value) {
  constexpr std::string_view blank = " \t";
  const std::size_t first = value.find_first_not_of(blank);
  if (first == std::string_view::npos) {
    return ContentCoding::identity;
  }
  value = value.substr(first, value.find_last_not_of(blank) - first + 1);
  if (equal_ascii_case(value, "identity")) {
    return ContentCoding::identity;
  }
  if (equal_ascii_case(value, "gzip") || equal_ascii_case(value, "x-gzip")) {
    return ContentCoding::gzip;
  }
  if (equal_ascii_case(value, "zstd")) {
    return ContentCoding::zstd;
  }
  return std::nullopt;
}

std::unique_ptr<ContentDecoder> ContentDecoder::make(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::gzip:
      return std::make_unique<GzipDecoder>();
    case ContentCoding::zstd:
      return std::make_unique<ZstdDecoder>();
    case ContentCoding::identity:
      break;
  }
  return std::make_unique<IdentityDecoder>();
}

Result<std::string> decode_whole(ContentCoding coding, std::string_view body,
                                 std::uint64_t bytes_max) {
  auto decoder = ContentDecoder::make(coding);
  decoder->give(body);
  std::string out;
  for (;;) {
    DAYBOOK_ASSIGN_OR_RETURN(const std::string_view slice, decoder->take());
    if (slice.empty()) {
      break;
    }
    if (out.size() + slice.size() > bytes_max) {
      return Error{Errc::exhausted, "the decoded body is too large"};
    }
    out += slice;
  }
  DAYBOOK_RETURN_IF_ERROR(decoder->end());
  return out;
}

}  // namespace daybook::capture
