// SPDX-License-Identifier: Apache-2.0
#include "daybook/witness/witnesses.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "daybook/ledger/checkpoint.h"
#include "daybook/ledger/ledger.h"
#include "daybook/net/runtime.h"

#include "fake_witness.h"

namespace daybook::witness {
namespace {

using std::chrono::milliseconds;

class WitnessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "daybook_witness_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    data_ = name;
    ledger_ = ledger::Ledger::open(posix_file_system(), data_, {}, system_clock(), system_random(),
                                   metrics_)
                  .value();
  }
  void TearDown() override {
    stop();
    EXPECT_TRUE(ledger_->close().has_value());
    ledger_.reset();
    std::filesystem::remove_all(data_);
  }

  // Appends entries and publishes a checkpoint over them.
  std::uint64_t grow(int entries) {
    std::vector<ledger::Draft> batch;
    for (int i = 0; i < entries; ++i) {
      record::Event event;
      event.id = "e" + std::to_string(next_++);
      event.action = "CREATE";
      event.resource = "FLOW";
      batch.push_back(ledger::prepare(event, "", system_random()));
    }
    EXPECT_TRUE(ledger::append_and_wait(*ledger_, std::move(batch)).has_value());
    return ledger::publish_and_wait(*ledger_)->size.value();
  }
  [[nodiscard]] crypto::NoteVerifier log_key() const {
    return crypto::NoteVerifier::parse(reader().keys().front()).value();
  }
  [[nodiscard]] const ledger::Reader& reader() const { return ledger_->reader(); }

  void start(const std::string& policy) {
    Options options;
    options.policy = parse_policy(policy).value();
    options.dir = data_ / "witness";
    options.interval = milliseconds(1);
    options.timeout = milliseconds(2000);
    options.retry_min = milliseconds(5);
    options.retry_max = milliseconds(40);
    options.recosign = recosign_;
    witnesses_ = Witnesses::start(runtime_->executor(), reader(), posix_file_system(), options,
                                  system_clock(), system_random(), metrics_,
                                  [this](Alarm alarm) {
                                    const std::scoped_lock lock(mutex_);
                                    alarms_.push_back(std::move(alarm));
                                  })
                     .value();
  }
  void stop() {
    if (witnesses_) runtime_->run(witnesses_->stop());
    witnesses_.reset();
  }
  template <class Condition>
  static bool soon(const Condition& holds) {
    for (int i = 0; i < 500; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }
  [[nodiscard]] std::uint64_t cosigned(std::size_t at = 0) const {
    return witnesses_->status().at(at).cosigned.value_or(0);
  }
  [[nodiscard]] std::size_t alarms() {
    const std::scoped_lock lock(mutex_);
    return alarms_.size();
  }

  std::filesystem::path data_;
  Metrics metrics_;
  std::unique_ptr<net::Runtime> runtime_ = net::Runtime::start(2);
  std::unique_ptr<ledger::Ledger> ledger_;
  milliseconds recosign_{3'600'000};
  std::unique_ptr<Witnesses> witnesses_;
  std::mutex mutex_;
  std::vector<Alarm> alarms_;
  int next_ = 0;
};

TEST_F(WitnessTest, CheckpointsAreCosigned) {
  FakeWitness one(*runtime_, "w1", log_key());
  FakeWitness two(*runtime_, "w2", log_key());
  grow(3);
  start(one.policy_line() + two.policy_line() + "group both all w1 w2\nquorum both\n");
  for (const int more : {4, 1, 9}) {
    const std::uint64_t size = grow(more);
    ASSERT_TRUE(soon([&] { return cosigned(0) == size && cosigned(1) == size; }));
    EXPECT_EQ(witnesses_->quorum_size(), size);
    const auto checkpoint = reader().checkpoint_at(TreeSize(size)).value();
    const std::string note = witnesses_->cosigned(checkpoint);
    const auto opened = crypto::open_note(note, {log_key(), one.key(), two.key()});
    ASSERT_TRUE(opened.has_value()) << note;
    EXPECT_EQ(opened->signatures.size(), 3U);
  }
  EXPECT_EQ(alarms(), 0U);
}

TEST_F(WitnessTest, ACheckpointNobodyCosignedStaysAsItIs) {
  FakeWitness one(*runtime_, "w1", log_key());
  one.forget_log();
  grow(2);
  start(one.policy_line() + "quorum w1\n");
  ASSERT_TRUE(soon([&] { return !witnesses_->status().at(0).problem.empty(); }));
  const auto checkpoint = reader().latest_checkpoint();
  EXPECT_EQ(witnesses_->cosigned(checkpoint), checkpoint.note);
  EXPECT_FALSE(witnesses_->quorum_size());
  EXPECT_EQ(alarms(), 0U);
}

TEST_F(WitnessTest, AWitnessThatKnowsMoreThanOurRecordsTells) {
  FakeWitness one(*runtime_, "w1", log_key());
  const std::uint64_t first = grow(5);
  one.remember(first, reader().root(TreeSize(first)));
  grow(3);
  start(one.policy_line() + "quorum w1\n");
  EXPECT_TRUE(soon([&] { return cosigned() == 8; }));
  EXPECT_EQ(alarms(), 0U);
}

TEST_F(WitnessTest, TroubleIsRetried) {
  FakeWitness one(*runtime_, "w1", log_key());
  for (const unsigned status : {500U, 429U, 503U, 400U, 302U}) one.answer_next(status, "");
  one.answer_next(409, "garbage");
  one.answer_next(200, "garbage\n");
  one.answer_next(200, "");
  const std::uint64_t size = grow(4);
  start(one.policy_line() + "quorum w1\n");
  EXPECT_TRUE(soon([&] { return cosigned() == size; }));
  EXPECT_GE(one.requests(), 9);
  EXPECT_EQ(alarms(), 0U);
  EXPECT_EQ(witnesses_->status().at(0).problem, "");
}

TEST_F(WitnessTest, ALargerTreeThanOursIsAnAlarm) {
  FakeWitness one(*runtime_, "w1", log_key());
  Hash root{};
  one.remember(1000, root);
  grow(4);
  start(one.policy_line() + "quorum w1\n");
  ASSERT_TRUE(soon([&] { return alarms() == 1; }));
  EXPECT_NE(witnesses_->status().at(0).alarm, "");
  EXPECT_FALSE(witnesses_->quorum_size());
}

TEST_F(WitnessTest, AForkIsAnAlarmOnceAndStays) {
  FakeWitness one(*runtime_, "w1", log_key());
  Hash other{};
  other.fill(9);
  one.remember(3, other);
  grow(8);
  start(one.policy_line() + "quorum w1\n");
  ASSERT_TRUE(soon([&] { return alarms() == 1; }));
  one.remember(0, Hash{});  // From here on it would cosign.
  ASSERT_TRUE(soon([&] { return cosigned() == 8; }));
  EXPECT_NE(witnesses_->status().at(0).alarm, "");
  EXPECT_EQ(alarms(), 1U);
  EXPECT_FALSE(witnesses_->quorum_size());
}

TEST_F(WitnessTest, AForkOfTheSameSizeIsAnAlarm) {
  FakeWitness one(*runtime_, "w1", log_key());
  Hash other{};
  other.fill(9);
  const std::uint64_t size = grow(8);
  one.remember(size, other);
  start(one.policy_line() + "quorum w1\n");
  EXPECT_TRUE(soon([&] { return alarms() == 1; }));
}

TEST_F(WitnessTest, CosignaturesOutliveARestart) {
  FakeWitness one(*runtime_, "w1", log_key());
  const std::uint64_t size = grow(6);
  start(one.policy_line() + "quorum w1\n");
  ASSERT_TRUE(soon([&] { return cosigned() == size; }));
  stop();
  const int before = one.requests();
  start(one.policy_line() + "quorum w1\n");
  EXPECT_EQ(cosigned(), size);
  EXPECT_EQ(
      crypto::open_note(witnesses_->cosigned(reader().latest_checkpoint()), {log_key(), one.key()})
          ->signatures.size(),
      2U);
  EXPECT_GE(one.requests(), before);
}

TEST_F(WitnessTest, ADirectoryThatWasRolledBackBehindItsRecordsIsNoticed) {
  FakeWitness one(*runtime_, "w1", log_key());
  grow(6);
  start(one.policy_line() + "quorum w1\n");
  ASSERT_TRUE(soon([&] { return cosigned() == 6; }));
  stop();
  // The same records beside another ledger with the same key and less in it.
  EXPECT_TRUE(ledger_->close().has_value());
  ledger_.reset();
  std::filesystem::remove_all(data_ / "ledger");
  std::filesystem::rename(data_ / "keys", data_ / "old-keys");
  ledger_ = ledger::Ledger::open(posix_file_system(), data_, {}, system_clock(), system_random(),
                                 metrics_)
                .value();
  grow(2);
  start(one.policy_line() + "quorum w1\n");
  EXPECT_TRUE(soon([&] { return alarms() == 1; }));
}

TEST_F(WitnessTest, AnIdleLedgerIsCosignedAgain) {
  recosign_ = milliseconds(50);
  FakeWitness one(*runtime_, "w1", log_key());
  grow(2);
  start(one.policy_line() + "quorum w1\n");
  EXPECT_TRUE(soon([&] { return one.requests() >= 4; }));
  EXPECT_EQ(one.size(), 2U);
}

TEST_F(WitnessTest, ADeadWitnessHoldsNothingUp) {
  std::string line;
  {
    FakeWitness gone(*runtime_, "w1", log_key());
    line = gone.policy_line();
  }
  start(line + "quorum w1\n");
  for (int i = 0; i < 20; ++i) grow(1);
  EXPECT_EQ(reader().size().value(), 20U);
  EXPECT_TRUE(soon([&] { return !witnesses_->status().at(0).problem.empty(); }));
}

TEST_F(WitnessTest, UrlsThatCannotBeSpokenToAreRefused) {
  crypto::Ed25519Public key{};
  key.fill(3);
  const std::string vkey = crypto::NoteVerifier("w", key, crypto::kNoteCosignatureV1).vkey();
  Options options;
  options.policy = parse_policy("witness w " + vkey + " ftp://w.example/\nquorum w\n").value();
  options.dir = data_ / "witness";
  const auto refused = Witnesses::start(runtime_->executor(), reader(), posix_file_system(),
                                        options, system_clock(), system_random(), metrics_, {});
  EXPECT_FALSE(refused.has_value());
}

}  // namespace
}  // namespace daybook::witness
