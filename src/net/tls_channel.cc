// SPDX-License-Identifier: Apache-2.0
#include "tls_channel.h"

#include <cerrno>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace daybook::net {

Result<std::unique_ptr<TlsChannel>> TlsChannel::make(SslHandle ssl, int socket) {
  if (!ssl || SSL_set_fd(ssl.get(), socket) != 1) {
    ERR_clear_error();
    return Error{Errc::exhausted, "TLS: no memory for a connection"};
  }
  return std::make_unique<TlsChannel>(std::move(ssl));
}

TlsChannel::Step TlsChannel::settle(int returned) {
  const int saved_errno = errno;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_NONE:
      return Step::done;
    case SSL_ERROR_WANT_READ:
      return Step::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Step::ended;
    case SSL_ERROR_SYSCALL:
      why_ = saved_errno != 0 ? std::strerror(saved_errno) : "connection broke off";
      break;
    default: {
      const long verdict = SSL_get_verify_result(ssl_.get());
      const char* reason = verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                                                : ERR_reason_error_string(ERR_peek_last_error());
      why_ = reason != nullptr ? reason : "protocol error";
    }
  }
  ERR_clear_error();
  sound_ = false;
  return Step::failed;
}

TlsChannel::Step TlsChannel::handshake() {
  ERR_clear_error();
  errno = 0;
  const Step step = settle(SSL_do_handshake(ssl_.get()));
  sound_ = step == Step::done;
  return step;
}

TlsChannel::Step TlsChannel::read(std::span<char> space, std::size_t& count) {
  count = 0;
  ERR_clear_error();
  errno = 0;
  return settle(SSL_read_ex(ssl_.get(), space.data(), space.size(), &count));
}

TlsChannel::Step TlsChannel::write(std::string_view bytes, std::size_t& count) {
  count = 0;
  ERR_clear_error();
  errno = 0;
  return settle(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
}

bool TlsChannel::quiet() {
  char byte = 0;
  std::size_t count = 0;
  ERR_clear_error();
  errno = 0;
  return settle(SSL_peek_ex(ssl_.get(), &byte, 1, &count)) == Step::want_read;
}

bool TlsChannel::unread() const {
  return SSL_pending(ssl_.get()) > 0;
}

void TlsChannel::say_end() {
  if (sound_) {
    sound_ = false;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
}

}  // namespace daybook::net
