// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/tls.h"

#include <mutex>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace daybook::net {
namespace {

struct ContextCloser {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextCloser>;

constexpr const char* kCiphersTls12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// The last thing OpenSSL complained of, without file names of its source.
std::string complaint() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text != nullptr ? text : "unknown error";
}

int choose_http11(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                  const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// SSL_set_tlsext_host_name without its cast. NOLINTNEXTLINE: OpenSSL only reads the name.
long name_server(SSL* ssl, const std::string& host) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str()));
}

Result<Context> new_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  if (!context) {
    return Error{Errc::exhausted, "TLS: " + complaint()};
  }
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(
      raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections give their record buffers back.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_cipher_list(raw, kCiphersTls12) != 1) {
    return Error{Errc::invalid, "TLS: " + complaint()};
  }
  return context;
}

Status check_readable(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return Error{Errc::not_found, "no such file: " + file.string(), file.string()};
  }
  return {};
}

Result<Context> server_context(const std::filesystem::path& certificate,
                               const std::filesystem::path& key) {
  DAYBOOK_RETURN_IF_ERROR(check_readable(certificate));
  DAYBOOK_RETURN_IF_ERROR(check_readable(key));
  DAYBOOK_ASSIGN_OR_RETURN(Context context, new_context(TLS_server_method()));
  SSL_CTX* raw = context.get();
  if (SSL_CTX_use_certificate_chain_file(raw, certificate.c_str()) != 1) {
    return Error{Errc::invalid, "not a certificate chain in PEM: " + complaint(),
                 certificate.string()};
  }
  if (SSL_CTX_use_PrivateKey_file(raw, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(raw) != 1) {
    return Error{Errc::invalid, "not the certificate's key in PEM: " + complaint(), key.string()};
  }
  // Sessions are resumed by tickets alone: nothing grows with the number of clients.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(raw, choose_http11, nullptr);
  return context;
}

class FileTlsServer final : public TlsServer {
 public:
  FileTlsServer(std::filesystem::path certificate, std::filesystem::path key, Context context)
      : certificate_(std::move(certificate)), key_(std::move(key)), context_(std::move(context)) {}

  Status reload() override {
    DAYBOOK_ASSIGN_OR_RETURN(Context next, server_context(certificate_, key_));
    const std::lock_guard lock(mutex_);
    context_ = std::move(next);
    return {};
  }

  [[nodiscard]] SslHandle open() const override {
    const std::lock_guard lock(mutex_);
    SslHandle ssl(SSL_new(context_.get()));
    if (ssl) {
      SSL_set_accept_state(ssl.get());
    }
    return ssl;
  }

 private:
  const std::filesystem::path certificate_;
  const std::filesystem::path key_;
  mutable std::mutex mutex_;
  Context context_;  // Guarded by mutex_; connections hold their own reference.
};

class VerifyingTlsClient final : public TlsClient {
 public:
  explicit VerifyingTlsClient(Context context) : context_(std::move(context)) {}

  [[nodiscard]] SslHandle open(const std::string& host) const override {
    SslHandle ssl(SSL_new(context_.get()));
    if (!ssl) {
      return ssl;
    }
    SSL_set_connect_state(ssl.get());
    // An IP literal is matched as such and has no place in SNI (RFC 6066 section 3).
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) != 1) {
      ERR_clear_error();
      SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      const bool named =
          SSL_set1_host(ssl.get(), host.c_str()) == 1 && name_server(ssl.get(), host) == 1;
      if (!named) {
        return {};
      }
    }
    return ssl;
  }

 private:
  const Context context_;
};

}  // namespace

void SslCloser::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Result<std::shared_ptr<TlsServer>> TlsServer::load(std::filesystem::path certificate,
                                                   std::filesystem::path key) {
  DAYBOOK_ASSIGN_OR_RETURN(Context context, server_context(certificate, key));
  return std::shared_ptr<TlsServer>(
      std::make_shared<FileTlsServer>(std::move(certificate), std::move(key), std::move(context)));
}

Result<std::shared_ptr<TlsClient>> TlsClient::make(std::optional<std::filesystem::path> ca_file) {
  DAYBOOK_ASSIGN_OR_RETURN(Context context, new_context(TLS_client_method()));
  SSL_CTX* raw = context.get();
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_set_alpn_protos(raw, kHttp11, sizeof kHttp11) != 0) {
    return Error{Errc::exhausted, "TLS: " + complaint()};
  }
  if (!ca_file) {
    SSL_CTX_set_default_verify_paths(raw);
  } else {
    DAYBOOK_RETURN_IF_ERROR(check_readable(*ca_file));
    if (SSL_CTX_load_verify_locations(raw, ca_file->c_str(), nullptr) != 1) {
      return Error{Errc::invalid, "no certificates in PEM: " + complaint(), ca_file->string()};
    }
  }
  return std::shared_ptr<TlsClient>(std::make_shared<VerifyingTlsClient>(std::move(context)));
}

}  // namespace daybook::net
