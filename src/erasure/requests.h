// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/record/json.h"

#include "selection.h"

namespace daybook::erasure {

// A redaction that waits for a second person.
struct Request {
  std::string id;
  std::string by;  // User id.
  UnixMillis at = 0;
  std::string reason;
  Selection selection;
};
[[nodiscard]] record::Json to_json(const Request& request);

// The file `redaction-requests`: whether redactions need a second person, and those that wait for
// one. Written whole and durably at each change; what a request asked for is gone from it with the
// request. Threads: one at a time.
class Requests {
 public:
  // Errc::corrupt if the file is not what save() writes.
  static Result<Requests> load(FileSystem& fs, const FileSystem::Path& data_dir);

  [[nodiscard]] bool two_person() const { return two_person_; }
  Status set_two_person(bool wanted);
  Status add(Request request, UnixMillis now);  // Errc::exhausted if too many wait.
  Status remove(const std::string& id);
  // Errc::not_found also for one that waited too long.
  Result<Request> find(const std::string& id, UnixMillis now) const;
  // Without those that waited too long.
  [[nodiscard]] std::vector<Request> waiting(UnixMillis now) const;

 private:
  Requests(FileSystem& fs, FileSystem::Path file) : fs_(&fs), file_(std::move(file)) {}
  Status save();

  FileSystem* fs_;
  FileSystem::Path file_;
  bool two_person_ = false;
  std::vector<Request> requests_;
};

}  // namespace daybook::erasure
