// SPDX-License-Identifier: Apache-2.0
#include "actors.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "daybook/core/bytes.h"
#include "daybook/core/diagnostics.h"
#include "daybook/net/client.h"

#include "call.h"
#include "script.h"

namespace daybook::demo {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kAnswerMax = 4ULL << 20U;
constexpr milliseconds kActTimeout{10'000};
constexpr milliseconds kPauseMin{2'000};
constexpr std::size_t kPauseSpread = 3'000;  // ms
constexpr milliseconds kStopStep{50};
constexpr unsigned kFailuresMax = 10;  // In a row, before the seed gives up.
constexpr std::string_view kBrowser =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

// Everything one run of acts works on; lives as long as its coroutine.
class Company {
 public:
  Company(std::unique_ptr<net::Client> client, std::vector<ActorLogin> logins, Random& random)
      : client_(std::move(client)), logins_(std::move(logins)), random_(random), script_(random) {}

  static net::Task<void> live(std::shared_ptr<Company> self) {
    if (self->client_) {
      co_await self->seed();
    }
    self->seeded_ = true;
    while (self->client_ && !self->stopping_) {
      co_await self->pause();
      if (self->stopping_) {
        break;
      }
      const Act act = self->script_.next();
      co_await self->perform(act);
    }
    const std::lock_guard lock(self->mutex_);
    self->ended_ = true;
    self->changed_.notify_all();
  }

  [[nodiscard]] bool seeded() const { return seeded_; }

  void stop() {
    stopping_ = true;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
  }

 private:
  net::Task<void> seed() {
    const std::vector<Act> acts = script_.seed();
    for (const Act& act : acts) {
      if (stopping_) {
        co_return;
      }
      co_await perform(act);
      if (failures_ >= kFailuresMax) {
        diagnose(Severity::warn, "demo", "the gateway does not answer; no more acts for now");
        co_return;
      }
    }
  }

  net::Task<void> pause() {
    std::array<std::uint8_t, 2> bytes{};
    random_.fill(bytes);
    const milliseconds length =
        kPauseMin + milliseconds((bytes[0] * std::size_t{256} + bytes[1]) % kPauseSpread);
    for (milliseconds passed{0}; passed < length && !stopping_; passed += kStopStep) {
      co_await net::sleep_for(kStopStep);
    }
  }

  net::Task<void> perform(Act act) {
    if (!fill_in(act.target) || !fill_in(act.body)) {
      co_return;  // The execution it speaks of was never started.
    }
    net::RequestHead head = head_of(act);
    auto answer =
        co_await client_->fetch(std::move(head), std::move(act.body), kAnswerMax, kActTimeout);
    if (!answer) {
      ++failures_;
      co_return;
    }
    failures_ = 0;
    const auto body = act.starts.empty() ? std::nullopt : parse_json(answer->body);
    if (answer->head.status == 200 && body && body->is_object() && body->contains("id")) {
      executions_[act.starts] = body->value("id", "");
    }
  }

  // Puts ids in the place of `{execution:FLOW}`; false if there is none yet.
  bool fill_in(std::string& text) const {
    constexpr std::string_view kMark = "{execution:";
    const auto at = text.find(kMark);
    if (at == std::string::npos) {
      return true;
    }
    const auto end = text.find('}', at);
    const auto id = executions_.find(text.substr(at + kMark.size(), end - at - kMark.size()));
    if (id == executions_.end()) {
      return false;
    }
    text.replace(at, end + 1 - at, id->second);
    return true;
  }

  net::RequestHead head_of(const Act& act) const {
    net::RequestHead head;
    head.method = act.method;
    head.target = act.target;
    const ActorLogin* login = nullptr;
    for (const ActorLogin& candidate : logins_) {
      login = candidate.name == act.actor ? &candidate : login;
    }
    if (login != nullptr && login->service_account) {
      head.headers.add("Authorization", "Bearer " + login->secret);
    } else if (login != nullptr) {
      const std::string secret = act.wrong_password ? "not-" + login->secret : login->secret;
      head.headers.add("Authorization", "Basic " + to_base64(as_bytes(login->name + ":" + secret)));
    }
    const bool person = login != nullptr && !login->service_account;
    head.headers.add("User-Agent", person ? std::string(kBrowser) : act.actor + "/1.4");
    head.headers.add("Accept", "application/json");
    if (!act.content_type.empty()) {
      head.headers.add("Content-Type", act.content_type);
    }
    if (!act.ttl.empty()) {
      head.headers.add("ttl", act.ttl);
    }
    return head;
  }

  const std::unique_ptr<net::Client> client_;
  const std::vector<ActorLogin> logins_;
  Random& random_;
  Script script_;
  std::map<std::string, std::string> executions_;  // Last id by flow.
  unsigned failures_ = 0;
  std::atomic<bool> seeded_ = false;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // Guarded by mutex_.
};

class LivingActors final : public Actors {
 public:
  explicit LivingActors(std::shared_ptr<Company> company) : company_(std::move(company)) {}
  ~LivingActors() override { company_->stop(); }
  LivingActors(const LivingActors&) = delete;
  LivingActors& operator=(const LivingActors&) = delete;
  [[nodiscard]] bool seeded() const override { return company_->seeded(); }
  void stop() override { company_->stop(); }

 private:
  const std::shared_ptr<Company> company_;
};

}  // namespace

std::unique_ptr<Actors> Actors::start(net::Executor executor, std::string gateway_url,
                                      std::vector<ActorLogin> logins, Random& random) {
  auto base = net::BaseUrl::parse(gateway_url);
  if (!base) {
    diagnose(Severity::error, "demo", "bad gateway URL: " + base.error().context);
  }
  auto client = base ? net::Client::make(*base) : nullptr;
  auto company = std::make_shared<Company>(std::move(client), std::move(logins), random);
  net::spawn(executor, Company::live(company));
  return std::make_unique<LivingActors>(std::move(company));
}

}  // namespace daybook::demo
