// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/net/client.h"
#include "daybook/net/server.h"
#include "daybook/net/task.h"

#include "body_copy.h"
#include "gateway_events.h"
#include "gateway_shared.h"
#include "own_request.h"

namespace daybook::capture {

// One admitted request on its way through the gateway, from the first GET ahead to the last byte of
// the answer. How the steps follow each other is contract section 1; which file has which step:
//   passage.cc          the order of steps, the attempt, the ending entries
//   passage_request.cc  towards Kestra: connection, request body, head of the answer
//   passage_answer.cc   towards the client: held back, passed on, or broken off
//
// Threads: one coroutine, on the exchange's strand. Ownership: exchange and shared outlive it.
class Passage {
 public:
  // `rules` are those the request was classified by.
  Passage(GatewayShared& shared, net::Exchange& exchange,
          std::shared_ptr<const kestra::Rules> rules, RequestFacts facts);
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  ~Passage();

  net::Task<void> run();

 private:
  // Why there is no whole answer of Kestra's.
  enum class Broken : std::uint8_t {
    no,
    no_connection,  // Nothing of the request was sent.
    request_cut,    // The client went away, or sent nonsense, before its request was complete.
    lost,           // The connection ended after the request was sent.
    timed_out,
    client_gone,  // Only for reads and streams: the connection was closed because nobody listens.
  };

  [[nodiscard]] bool recorded() const { return facts_.what.level != kestra::Level::none; }
  // Has an attempt and waits for its outcome.
  [[nodiscard]] bool strict() const;

  // passage.cc
  net::Task<bool> record_attempt();
  net::Task<void> look_after();
  [[nodiscard]] kestra::Interpretation interpret() const;
  [[nodiscard]] Ending ending() const;
  [[nodiscard]] std::vector<record::Event> ending_events_now() const;
  net::Task<bool> record_outcome();
  void record_event();
  net::Task<void> refuse(unsigned status, std::string message, std::string_view executed);
  net::Task<void> answer_broken();
  [[nodiscard]] std::string_view executed() const;

  // passage_request.cc
  net::Task<bool> send_request();
  net::Task<bool> send_body();
  net::Task<void> after_failed_write(Errc code);
  net::Task<void> keep_request_body();
  net::Task<bool> read_answer_head();
  void break_off(Broken how, Errc code);
  void on_peer_closed();

  // passage_answer.cc
  net::Task<void> relay_held();
  net::Task<void> relay_withheld(std::string held);
  net::Task<void> relay_at_once();
  net::Task<std::string_view> next_piece();
  void on_write_failed();
  net::Task<void> to_client(std::string_view piece);
  net::Task<void> start_answer(std::string_view piece);
  net::Task<void> finish_answer(std::string_view piece);
  [[nodiscard]] bool is_last(std::size_t passed) const;

  GatewayShared& shared_;
  net::Exchange& exchange_;
  std::shared_ptr<const kestra::Rules> rules_;
  RequestFacts facts_;
  std::int64_t started_ms_;
  std::chrono::steady_clock::time_point arrived_;
  std::chrono::duration<double> added_{};

  std::optional<std::string> attempt_id_;
  std::optional<Seen> before_;
  std::optional<Seen> after_;
  std::unique_ptr<net::ClientExchange> upstream_;
  BodyCopy request_copy_;
  bool request_read_ = false;  // To its end.

  net::ResponseHead answer_;  // As Kestra sent it.
  bool answered_ = false;     // answer_ is set.
  BodyCopy answer_copy_;
  bool streaming_ = false;  // An event stream.

  Broken broken_ = Broken::no;
  bool nothing_sent_ = false;  // With broken_: no byte can have reached Kestra's handler.
  std::string broken_why_;
  bool client_gone_ = false;
  bool cancel_when_gone_ = false;
  bool event_recorded_ = false;
};

}  // namespace daybook::capture
