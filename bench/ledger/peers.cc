// SPDX-License-Identifier: Apache-2.0
#include "peers.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "daybook/core/clock.h"
#include "daybook/core/metrics.h"
#include "daybook/core/random.h"
#include "daybook/ledger/ledger.h"

#include "events.h"

#ifdef DAYBOOK_BENCH_ROCKSDB
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#endif

namespace daybook::bench {

void give_up(const std::string& why) {
  std::fprintf(stderr, "ledger_peer: %s\n", why.c_str());
  std::exit(1);
}

Data make_data(std::size_t count) {
  EventSource source(1);
  Data data;
  data.events.reserve(count);
  data.lines.reserve(count);
  for (std::size_t n = 0; n < count; ++n) {
    data.events.push_back(source.next());
    data.lines.push_back(as_json(data.events.back()));
  }
  return data;
}

namespace {

// Whoever comes first writes what waits, for all; the rest wait.
class GroupCommit : public Peer {
 public:
  void append(std::size_t from, std::size_t count) final {
    std::unique_lock lock(mutex_);
    waiting_.emplace_back(from, count);
    const std::uint64_t mine = next_group_;
    while (done_ <= mine) {
      if (writing_) {
        changed_.wait(lock);
        continue;
      }
      writing_ = true;
      std::vector<std::pair<std::size_t, std::size_t>> group;
      group.swap(waiting_);
      const std::uint64_t number = next_group_++;
      lock.unlock();
      write(group);
      lock.lock();
      done_ = number + 1;
      writing_ = false;
      changed_.notify_all();
    }
  }

 protected:
  virtual void write(const std::vector<std::pair<std::size_t, std::size_t>>& group) = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::size_t, std::size_t>> waiting_;
  std::uint64_t next_group_ = 0;
  std::uint64_t done_ = 0;
  bool writing_ = false;
};

class PlainPeer final : public GroupCommit {
 public:
  PlainPeer(const Data& data, const std::filesystem::path& dir)
      : data_(data), fd_(::open((dir / "plain").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600)) {
    if (fd_ < 0) give_up("open of the plain file");
  }
  ~PlainPeer() override { ::close(fd_); }
  PlainPeer(const PlainPeer&) = delete;
  PlainPeer& operator=(const PlainPeer&) = delete;

 private:
  void write(const std::vector<std::pair<std::size_t, std::size_t>>& group) override {
    buffer_.clear();
    for (const auto& [from, count] : group) {
      for (std::size_t n = from; n < from + count; ++n) buffer_.append(data_.lines[n]) += '\n';
    }
    const ssize_t put = ::write(fd_, buffer_.data(), buffer_.size());
    if (put != static_cast<ssize_t>(buffer_.size()) || ::fdatasync(fd_) != 0) give_up("write");
  }

  const Data& data_;
  int fd_;
  std::string buffer_;
};

class SqlitePeer final : public GroupCommit {
 public:
  SqlitePeer(const Data& data, const std::filesystem::path& dir) : data_(data) {
    check(sqlite3_open((dir / "events.db").c_str(), &db_));
    run("pragma journal_mode=wal");
    run("pragma synchronous=full");
    run("create table events(n integer primary key, id text unique, json text)");
    check(sqlite3_prepare_v2(db_, "insert into events(id, json) values(?, ?)", -1, &insert_,
                             nullptr));
  }
  ~SqlitePeer() override {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  SqlitePeer(const SqlitePeer&) = delete;
  SqlitePeer& operator=(const SqlitePeer&) = delete;

 private:
  void check(int code) {
    if (code != SQLITE_OK) give_up(sqlite3_errmsg(db_));
  }
  void run(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  void bind(int column, const std::string& text) {
    check(sqlite3_bind_text(insert_, column, text.data(), static_cast<int>(text.size()), nullptr));
  }

  void write(const std::vector<std::pair<std::size_t, std::size_t>>& group) override {
    run("begin");
    for (const auto& [from, count] : group) {
      for (std::size_t n = from; n < from + count; ++n) {
        bind(1, data_.events[n].id);
        bind(2, data_.lines[n]);
        if (sqlite3_step(insert_) != SQLITE_DONE) give_up(sqlite3_errmsg(db_));
        sqlite3_reset(insert_);
      }
    }
    run("commit");
  }

  const Data& data_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

#ifdef DAYBOOK_BENCH_ROCKSDB
class RocksdbPeer final : public Peer {
 public:
  RocksdbPeer(const Data& data, const std::filesystem::path& dir) : data_(data) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kZSTD;
    rocksdb::BlockBasedTableOptions table;
    table.block_size = 32U << 10U;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* db = nullptr;
    const auto opened = rocksdb::DB::Open(options, (dir / "rocksdb").string(), &db);
    if (!opened.ok()) give_up(opened.ToString());
    db_.reset(db);
  }

  void append(std::size_t from, std::size_t count) override {
    rocksdb::WriteBatch batch;
    for (std::size_t n = from; n < from + count; ++n) {
      std::string key(8, '\0');
      for (unsigned byte = 0; byte < 8; ++byte) {
        key[byte] = static_cast<char>(n >> (56 - 8 * byte));
      }
      batch.Put(key, data_.lines[n]);
    }
    rocksdb::WriteOptions sync;
    sync.sync = true;
    const auto written = db_->Write(sync, &batch);
    if (!written.ok()) give_up(written.ToString());
  }

 private:
  const Data& data_;
  std::unique_ptr<rocksdb::DB> db_;
};
#endif

class DaybookPeer final : public Peer {
 public:
  DaybookPeer(const Data& data, const std::filesystem::path& dir) : data_(data) {
    auto opened = ledger::Ledger::open(posix_file_system(), dir / "daybook", {}, system_clock(),
                                       system_random(), metrics_);
    if (!opened) give_up(opened.error().context);
    ledger_ = *std::move(opened);
  }
  ~DaybookPeer() override {
    if (const Status closed = ledger_->close(); !closed) give_up(closed.error().context);
  }
  DaybookPeer(const DaybookPeer&) = delete;
  DaybookPeer& operator=(const DaybookPeer&) = delete;

  void append(std::size_t from, std::size_t count) override {
    std::vector<ledger::Draft> batch;
    batch.reserve(count);
    for (std::size_t n = from; n < from + count; ++n) {
      batch.push_back(ledger::prepare(data_.events[n], data_.lines[n], system_random()));
    }
    const auto done = ledger::append_and_wait(*ledger_, std::move(batch));
    if (!done) give_up(done.error().context);
  }

 private:
  const Data& data_;
  Metrics metrics_;
  std::unique_ptr<ledger::Ledger> ledger_;
};

}  // namespace

std::unique_ptr<Peer> plain_peer(const Data& data, const std::filesystem::path& dir) {
  return std::make_unique<PlainPeer>(data, dir);
}
std::unique_ptr<Peer> sqlite_peer(const Data& data, const std::filesystem::path& dir) {
  return std::make_unique<SqlitePeer>(data, dir);
}
std::unique_ptr<Peer> rocksdb_peer([[maybe_unused]] const Data& data,
                                   [[maybe_unused]] const std::filesystem::path& dir) {
#ifdef DAYBOOK_BENCH_ROCKSDB
  return std::make_unique<RocksdbPeer>(data, dir);
#else
  return nullptr;
#endif
}
std::unique_ptr<Peer> daybook_peer(const Data& data, const std::filesystem::path& dir) {
  return std::make_unique<DaybookPeer>(data, dir);
}

}  // namespace daybook::bench
