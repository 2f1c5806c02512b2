// SPDX-License-Identifier: Apache-2.0
#include "input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace daybook::terminal {
namespace {

using capture::ContentCoding;
using capture::ContentDecoder;

constexpr std::size_t kReadBytes = 256UL << 10U;
constexpr int kPollMs = 200;
constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";

Error system_error(const std::string& call, const std::string& name) {
  const bool absent = errno == ENOENT;
  return {.code = absent ? Errc::not_found : Errc::io,
          .context = call + ": " + std::strerror(errno),
          .path = name};
}

ContentCoding coding_of(std::string_view name, std::string_view first) {
  if (name.ends_with(".gz") || first.starts_with(kGzipMagic)) return ContentCoding::gzip;
  if (name.ends_with(".zst") || first.starts_with(kZstdMagic)) return ContentCoding::zstd;
  return ContentCoding::identity;
}

}  // namespace

Result<std::unique_ptr<InputFile>> InputFile::open(const std::string& name,
                                                   const std::atomic<bool>& stopping) {
  const int descriptor =
      name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error("open", name);
  struct stat about {};
  const bool known = ::fstat(descriptor, &about) == 0;
  std::unique_ptr<InputFile> file(new InputFile(name, descriptor, stopping));
  if (known && S_ISDIR(about.st_mode)) {
    return Error{.code = Errc::io, .context = "it is a directory", .path = name};
  }
  if (known && S_ISREG(about.st_mode))
    file->bytes_total_ = static_cast<std::uint64_t>(about.st_size);
  return file;
}

InputFile::InputFile(std::string name, int descriptor, const std::atomic<bool>& stopping)
    : name_(std::move(name)), descriptor_(descriptor), stopping_(stopping), buffer_(kReadBytes) {}

InputFile::~InputFile() {
  ::close(descriptor_);
}

std::string_view InputFile::plain_name() const {
  std::string_view name = name_;
  for (const std::string_view suffix : {".gz", ".zst"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  return name;
}

Result<std::string_view> InputFile::read_raw() {
  while (true) {
    if (stopping_) return Error{.code = Errc::cancelled, .context = "stopped"};
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, kPollMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t got = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", name_);
    bytes_read_ += static_cast<std::uint64_t>(got);
    return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string_view> InputFile::read() {
  while (true) {
    if (decoder_) {
      auto slice = decoder_->take();
      if (!slice) {
        Error error = std::move(slice).error();
        error.path = name_;
        return error;
      }
      if (!slice->empty()) return *slice;
    }
    if (at_end_) return std::string_view();
    DAYBOOK_ASSIGN_OR_RETURN(const std::string_view raw, read_raw());
    if (!decoder_) decoder_ = ContentDecoder::make(coding_of(name_, raw));
    if (raw.empty()) {
      at_end_ = true;
      if (bytes_read_ == 0) return std::string_view();
      if (auto whole = decoder_->end(); !whole) {
        Error error = std::move(whole).error();
        error.path = name_;
        return error;
      }
      return std::string_view();
    }
    decoder_->give(raw);
  }
}

}  // namespace daybook::terminal
