// SPDX-License-Identifier: Apache-2.0
#include "requests.h"

#include <algorithm>
#include <utility>

namespace daybook::erasure {

namespace {

using record::Json;

constexpr std::string_view kFile = "redaction-requests";
constexpr std::uint64_t kFileBytesMax = 16U << 20U;
constexpr std::size_t kRequestsMax = 100;
constexpr std::int64_t kLastMs = 7LL * 24 * 3'600'000;

bool is_over(const Request& request, UnixMillis now) {
  return now - request.at > kLastMs;
}

Result<Request> request_of(const Json& json) {
  Request request;
  const bool whole = json.is_object() && json.contains("id") && json["id"].is_string() &&
                     json.contains("by") && json["by"].is_string() && json.contains("at") &&
                     json["at"].is_string() && json.contains("reason") &&
                     json["reason"].is_string() && json.contains("selection");
  if (!whole) return Error{Errc::corrupt, "a request lacks a member"};
  request.id = json["id"].get<std::string>();
  request.by = json["by"].get<std::string>();
  DAYBOOK_ASSIGN_OR_RETURN(request.at, parse_time(json["at"].get<std::string>()));
  request.reason = json["reason"].get<std::string>();
  DAYBOOK_ASSIGN_OR_RETURN(request.selection, parse_selection(json["selection"]));
  return request;
}

}  // namespace

Json to_json(const Request& request) {
  return {{"id", request.id},
          {"by", request.by},
          {"at", format_time(request.at)},
          {"reason", request.reason},
          {"selection", to_json(request.selection)}};
}

Result<Requests> Requests::load(FileSystem& fs, const FileSystem::Path& data_dir) {
  Requests requests(fs, data_dir / kFile);
  // Left by a crash while the file was written: it may hold a request that is gone.
  FileSystem::Path temporary = requests.file_;
  temporary += ".tmp";
  if (const Status removed = fs.remove(temporary);
      !removed && removed.error().code != Errc::not_found) {
    return removed.error();
  }
  const auto bytes = read_file(fs, requests.file_, kFileBytesMax);
  if (!bytes && bytes.error().code == Errc::not_found) return requests;
  if (!bytes) return bytes.error();
  const Error damaged{Errc::corrupt, "damaged", std::string(kFile)};
  const auto json = record::parse_json(as_text(*bytes));
  if (!json || !json->is_object() || !json->contains("twoPerson") ||
      !(*json)["twoPerson"].is_boolean() || !json->contains("requests") ||
      !(*json)["requests"].is_array()) {
    return damaged;
  }
  requests.two_person_ = (*json)["twoPerson"].get<bool>();
  for (const Json& one : (*json)["requests"]) {
    auto request = request_of(one);
    if (!request) return damaged;
    requests.requests_.push_back(*std::move(request));
  }
  return requests;
}

Status Requests::save() {
  Json list = Json::array();
  for (const Request& request : requests_) list.push_back(to_json(request));
  const std::string text =
      record::canonical_or_die({{"twoPerson", two_person_}, {"requests", std::move(list)}});
  return write_file_atomic(*fs_, file_, as_bytes(text));
}

Status Requests::set_two_person(bool wanted) {
  if (wanted == two_person_) return {};
  two_person_ = wanted;
  return save();
}

Status Requests::add(Request request, UnixMillis now) {
  std::erase_if(requests_, [now](const Request& old) { return is_over(old, now); });
  if (requests_.size() >= kRequestsMax) return Error{Errc::exhausted, "too many redactions wait"};
  requests_.push_back(std::move(request));
  return save();
}

std::vector<Request> Requests::waiting(UnixMillis now) const {
  std::vector<Request> out = requests_;
  std::erase_if(out, [now](const Request& old) { return is_over(old, now); });
  return out;
}

Status Requests::remove(const std::string& id) {
  std::erase_if(requests_, [&id](const Request& request) { return request.id == id; });
  return save();
}

Result<Request> Requests::find(const std::string& id, UnixMillis now) const {
  const auto at = std::find_if(requests_.begin(), requests_.end(),
                               [&id](const Request& request) { return request.id == id; });
  if (at == requests_.end() || is_over(*at, now)) {
    return Error{Errc::not_found, "no redaction of that id waits"};
  }
  return *at;
}

}  // namespace daybook::erasure
