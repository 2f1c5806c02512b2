// SPDX-License-Identifier: Apache-2.0
#include "fake_witness.h"

#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/core/random.h"
#include "daybook/ledger/checkpoint.h"
#include "daybook/ledger/merkle.h"

namespace daybook::witness {
namespace {

constexpr std::uint64_t kNow = 1'767'225'600;

net::Response answer(unsigned status, std::string body) {
  net::Response out;
  out.head.status = status;
  out.body = std::move(body);
  return out;
}

net::Task<void> drain(net::Server& server) {
  co_await server.drain(std::chrono::milliseconds(500));
}

// `old N`, hashes, an empty line, the note.
struct Request {
  std::uint64_t old_size = 0;
  std::vector<Hash> proof;
  std::string note;
};
Request parse(const std::string& body) {
  Request out;
  const std::size_t blank = body.find("\n\n");
  out.note = body.substr(blank + 2);
  std::size_t at = body.find('\n') + 1;
  out.old_size = std::stoull(body.substr(4, at - 5));
  while (at < blank + 1) {
    const std::size_t end = body.find('\n', at);
    const Bytes bytes = from_base64(body.substr(at, end - at)).value();
    Hash hash{};
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    out.proof.push_back(hash);
    at = end + 1;
  }
  return out;
}

}  // namespace

FakeWitness::FakeWitness(net::Runtime& runtime, std::string name, crypto::NoteVerifier log)
    : runtime_(runtime),
      name_(std::move(name)),
      log_(std::move(log)),
      secret_(crypto::Ed25519Key::generate(system_random()).value()),
      server_(net::Server::listen(runtime.executor(), "127.0.0.1:0", [this](net::Exchange& one) {
                return serve(one);
              }).value()) {
  address_ = server_->address();
}

FakeWitness::~FakeWitness() {
  runtime_.run(drain(*server_));
}

crypto::NoteVerifier FakeWitness::key() const {
  return {name_, secret_.public_key(), crypto::kNoteCosignatureV1};
}

std::string FakeWitness::policy_line() const {
  return "witness " + name_ + " " + key().vkey() + " " + url() + "\n";
}

std::uint64_t FakeWitness::size() const {
  const std::scoped_lock lock(mutex_);
  return size_;
}

void FakeWitness::answer_next(unsigned status, std::string body) {
  const std::scoped_lock lock(mutex_);
  canned_.push_back(answer(status, std::move(body)));
}

void FakeWitness::remember(std::uint64_t size, const Hash& root) {
  const std::scoped_lock lock(mutex_);
  size_ = size;
  root_ = root;
}

void FakeWitness::forget_log() {
  const std::scoped_lock lock(mutex_);
  knows_log_ = false;
}

net::Task<void> FakeWitness::serve(net::Exchange& exchange) {
  ++requests_;
  Result<std::string> body = co_await exchange.read_all(16 * 1024);
  net::Response response = answer(400, "");
  if (body && exchange.head().method == "POST" &&
      exchange.head().path() == "/submit/add-checkpoint") {
    response = decide(*body);
  }
  const Status sent = co_await exchange.respond(std::move(response));
  static_cast<void>(sent);
}

net::Response FakeWitness::decide(const std::string& body) {
  const std::scoped_lock lock(mutex_);
  if (!canned_.empty()) {
    net::Response out = std::move(canned_.front());
    canned_.pop_front();
    return out;
  }
  if (!knows_log_) return answer(404, "");
  const Request request = parse(body);
  const auto checkpoint = ledger::open_checkpoint(request.note, {log_});
  if (!checkpoint) return answer(403, "");
  const std::uint64_t size = checkpoint->size.value();
  if (request.old_size > size) return answer(400, "");
  if (request.old_size != size_) {
    net::Response out = answer(409, std::to_string(size_) + "\n");
    out.head.headers.add("Content-Type", "text/x.tlog.size");
    return out;
  }
  const bool extends =
      size_ == 0 ? request.proof.empty()
                 : ledger::verify_consistency(size_, size, request.proof, root_, checkpoint->root);
  if (!extends) return answer(422, "");
  size_ = size;
  root_ = checkpoint->root;
  return answer(200, cosign(request.note.substr(0, request.note.rfind("\n\n") + 1)));
}

std::string FakeWitness::cosign(const std::string& text) const {
  const std::string message = "cosignature/v1\ntime " + std::to_string(kNow) + "\n" + text;
  Bytes bytes;
  const std::uint32_t id = key().id();
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(id >> static_cast<unsigned>(shift)));
  }
  put_u64_be(bytes, kNow);
  const auto signature = secret_.sign(as_bytes(message));
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return "\xe2\x80\x94 " + name_ + " " + to_base64(bytes) + "\n";
}

}  // namespace daybook::witness
