// SPDX-License-Identifier: Apache-2.0
#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "daybook/core/utf8.h"

namespace daybook::capture::testing {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};

// Takes chunked coding off `raw`; false if the last chunk is not there.
bool dechunk(std::string_view raw, std::string& body) {
  for (;;) {
    const std::size_t end = raw.find("\r\n");
    if (end == std::string_view::npos) {
      return false;
    }
    const auto size = std::strtoul(std::string(raw.substr(0, end)).c_str(), nullptr, 16);
    raw.remove_prefix(end + 2);
    if (size == 0) {
      return raw.starts_with("\r\n");
    }
    body += raw.substr(0, size);
    if (raw.size() < size + 2) {
      return false;
    }
    raw.remove_prefix(size + 2);
  }
}

}  // namespace

std::string RawAnswer::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (equal_ascii_case(key, name)) {
      return value;
    }
  }
  return {};
}

int RawAnswer::count(std::string_view name) const {
  int found = 0;
  for (const auto& [key, value] : fields) {
    found += equal_ascii_case(key, name) ? 1 : 0;
  }
  return found;
}

RawClient::RawClient(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    close();
  }
}

RawClient::~RawClient() {
  close();
}

void RawClient::close() {
  if (socket_ >= 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

void RawClient::stop_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void RawClient::reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawClient::fill(std::chrono::milliseconds wait) {
  pollfd ready{socket_, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(wait.count())) <= 0) {
    return false;
  }
  char bytes[65'536];
  const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) {
    return false;
  }
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::read_some(std::chrono::milliseconds wait) {
  if (buffer_.empty()) {
    fill(wait);
  }
  return std::exchange(buffer_, {});
}

bool RawClient::closed_within(std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd ready{socket_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) {
      return false;
    }
    char bytes[4096];
    if (::recv(socket_, bytes, sizeof bytes, 0) <= 0) {
      return true;
    }
  }
}

RawAnswer RawClient::read_answer(bool to_head_request) {
  RawAnswer answer;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill(kPatience)) {
      return answer;
    }
  }
  std::string_view head = std::string_view(buffer_).substr(0, end + 2);
  answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  const std::size_t first_line = head.find("\r\n");
  answer.reason = head.size() > 13 ? head.substr(13, first_line - 13) : "";
  head.remove_prefix(first_line + 2);
  while (!head.empty()) {
    const std::size_t line = head.find("\r\n");
    const std::size_t colon = head.find(": ");
    answer.fields.emplace_back(head.substr(0, colon), head.substr(colon + 2, line - colon - 2));
    head.remove_prefix(line + 2);
  }
  buffer_.erase(0, end + 4);
  if (answer.status < 200) {
    return read_answer(to_head_request);
  }
  const std::string length = answer.field("Content-Length");
  if (to_head_request || answer.status == 204 || answer.status == 304) {
    answer.complete = true;
  } else if (answer.field("Transfer-Encoding") == "chunked") {
    while (!(answer.complete = dechunk(buffer_, answer.body)) && fill(kPatience)) {
      answer.body.clear();
    }
    buffer_.clear();
  } else if (!length.empty()) {
    const std::size_t size = std::stoul(length);
    while (buffer_.size() < size && fill(kPatience)) {
    }
    answer.body = buffer_.substr(0, size);
    answer.complete = answer.body.size() == size;
    buffer_.erase(0, answer.body.size());
  } else {
    while (fill(kPatience)) {
    }
    answer.body = std::exchange(buffer_, {});
    answer.complete = true;
  }
  return answer;
}

RawAnswer fetch(const std::string& address, std::string_view request) {
  RawClient client(address);
  client.send(request);
  return client.read_answer(request.starts_with("HEAD "));
}

std::string make_request(std::string_view method, std::string_view target,
                         std::string_view header_lines, std::string_view body) {
  std::string request = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
  request += "Host: kestra.example.com\r\n";
  request += header_lines;
  if (!body.empty() || method == "POST" || method == "PUT") {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request += "\r\n";
  request += body;
  return request;
}

}  // namespace daybook::capture::testing
