// SPDX-License-Identifier: Apache-2.0
#include "output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace daybook::terminal {
namespace {

Error system_error(const char* call, const std::filesystem::path& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {.code = full ? Errc::exhausted : Errc::io,
          .context = std::string(call) + ": " + std::strerror(errno),
          .path = path.string()};
}

std::filesystem::path directory_of(const std::filesystem::path& place) {
  const auto parent = place.parent_path();
  return parent.empty() ? std::filesystem::path(".") : parent;
}

// A device or a pipe is written to; a rename would replace it. (A directory fails to open.)
bool names_no_plain_file(const std::filesystem::path& place) {
  std::error_code ignored;
  const auto status = std::filesystem::status(place, ignored);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

// A symbolic link stays and what it names is replaced.
std::filesystem::path behind_links(const std::filesystem::path& place) {
  std::error_code failed;
  auto target = std::filesystem::canonical(place, failed);
  return failed ? place : target;
}

// The rename itself has to survive a power loss.
Status sync_directory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("open", directory);
  const bool synced = ::fsync(descriptor) == 0;
  const Error failed = system_error("fsync", directory);
  ::close(descriptor);
  if (!synced) return failed;
  return {};
}

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::open(const std::filesystem::path& place) {
  if (place.empty() || place == "-")
    return std::unique_ptr<OutputFile>(new OutputFile({}, {}, STDOUT_FILENO));
  if (names_no_plain_file(place)) {
    const int descriptor = ::open(place.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return system_error("open", place);
    return std::unique_ptr<OutputFile>(new OutputFile(place, {}, descriptor));
  }
  const auto target = behind_links(place);
  std::string name =
      (directory_of(target) / ("." + target.filename().string() + ".XXXXXX")).string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return system_error("create", name);
  return std::unique_ptr<OutputFile>(new OutputFile(target, name, descriptor));
}

OutputFile::OutputFile(std::filesystem::path place, std::filesystem::path hidden, int descriptor)
    : place_(std::move(place)), hidden_(std::move(hidden)), descriptor_(descriptor) {}

OutputFile::~OutputFile() {
  if (is_stdout()) return;
  ::close(descriptor_);
  if (!hidden_.empty()) ::unlink(hidden_.c_str());
}

Status OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_error("write", is_stdout() ? "standard output" : place_);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

Status OutputFile::commit() {
  if (hidden_.empty()) return {};
  // mkostemp makes it private; an ordinary file has the mode the user's mask allows.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor_, 0666U & ~mask);
  if (::fsync(descriptor_) != 0) return system_error("fsync", hidden_);
  if (::rename(hidden_.c_str(), place_.c_str()) != 0) return system_error("rename", place_);
  hidden_.clear();
  return sync_directory(directory_of(place_));
}

}  // namespace daybook::terminal
