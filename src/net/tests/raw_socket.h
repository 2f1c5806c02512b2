// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace daybook::net {

// A blocking socket for tests that must say exactly which bytes go over the wire.
class RawSocket {
 public:
  explicit RawSocket(int handle) : handle_(handle) { set_timeout(std::chrono::seconds(10)); }
  RawSocket(RawSocket&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket() { close(); }
  int take() { return std::exchange(handle_, -1); }  // The descriptor is the caller's from here on.

  // `host:port` as Server::address() says, or `unix:PATH`.
  static RawSocket connect(const std::string& address) {
    if (address.starts_with("unix:")) {
      sockaddr_un un{};
      un.sun_family = AF_UNIX;
      address.copy(un.sun_path, sizeof un.sun_path - 1, 5);
      const int handle = ::socket(AF_UNIX, SOCK_STREAM, 0);
      EXPECT_EQ(::connect(handle, reinterpret_cast<const sockaddr*>(&un), sizeof un), 0);
      return RawSocket(handle);
    }
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(::connect(handle, reinterpret_cast<const sockaddr*>(&in), sizeof in), 0);
    return RawSocket(handle);
  }

  void set_timeout(std::chrono::milliseconds time) {
    timeval tv{time.count() / 1000, (time.count() % 1000) * 1000};
    ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // What one recv gives; empty at the end, on an error or after the timeout.
  std::string receive_some() {
    char space[65536];
    const ssize_t got = ::recv(handle_, space, sizeof space, 0);
    ended_ = got == 0;
    failed_ = got < 0;
    return got > 0 ? std::string(space, static_cast<std::size_t>(got)) : std::string();
  }

  // Everything up to the end of the connection.
  std::string receive_all() {
    std::string all;
    while (true) {
      const std::string piece = receive_some();
      if (piece.empty()) {
        return all;
      }
      all += piece;
    }
  }

  // Until the bytes received end with `mark`.
  std::string receive_until(std::string_view mark) {
    std::string all;
    while (!all.ends_with(mark)) {
      const std::string piece = receive_some();
      if (piece.empty()) {
        break;
      }
      all += piece;
    }
    return all;
  }

  // True if the last receive met a proper end; false for reset or timeout.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool failed() const { return failed_; }
  void shutdown_send() { ::shutdown(handle_, SHUT_WR); }
  void close() {
    if (handle_ >= 0) {
      ::close(std::exchange(handle_, -1));
    }
  }
  void reset() {
    const linger off{1, 0};
    ::setsockopt(handle_, SOL_SOCKET, SO_LINGER, &off, sizeof off);
    close();
  }

 private:
  int handle_ = -1;
  bool ended_ = false;
  bool failed_ = false;
};

// A listening socket that tests accept from by hand.
class RawListener {
 public:
  RawListener() : handle_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(handle_, reinterpret_cast<const sockaddr*>(&in), sizeof in), 0);
    EXPECT_EQ(::listen(handle_, 64), 0);
    const timeval tv{10, 0};
    ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    socklen_t size = sizeof in;
    ::getsockname(handle_, reinterpret_cast<sockaddr*>(&in), &size);
    port_ = ntohs(in.sin_port);
  }
  ~RawListener() { close(); }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url() const { return "http://" + address(); }
  [[nodiscard]] int handle() const { return handle_; }
  RawSocket accept() { return RawSocket(::accept(handle_, nullptr, nullptr)); }
  // Whether somebody connects within `time`.
  bool has_pending(std::chrono::milliseconds time) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(handle_, &set);
    timeval tv{time.count() / 1000, (time.count() % 1000) * 1000};
    return ::select(handle_ + 1, &set, nullptr, nullptr, &tv) > 0;
  }
  void close() {
    if (handle_ >= 0) {
      ::close(std::exchange(handle_, -1));
    }
  }

 private:
  int handle_;
  std::uint16_t port_ = 0;
};

}  // namespace daybook::net
