// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daybook/record/event.h"

namespace daybook::bench {

// What all peers store: the same events, each as its own kind of input.
struct Data {
  std::vector<record::Event> events;
  std::vector<std::string> lines;
};
[[nodiscard]] Data make_data(std::size_t count);

// A store that makes events durable (fdatasync) before append() returns. Ends the program on any
// error: a failed run has no figures.
//
// Threads: append() from any.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void append(std::size_t from, std::size_t count) = 0;
};

// Appends lines to a file; waiting clients share a write and an fdatasync.
std::unique_ptr<Peer> plain_peer(const Data& data, const std::filesystem::path& dir);
// SQLite in WAL mode, synchronous=FULL, a table with the id as key; waiting clients share a
// transaction on one connection.
std::unique_ptr<Peer> sqlite_peer(const Data& data, const std::filesystem::path& dir);
// RocksDB, WriteOptions::sync, zstd; its own group commit. Null if built without it.
std::unique_ptr<Peer> rocksdb_peer(const Data& data, const std::filesystem::path& dir);
// Our ledger: parts encoded and hashed, repeats looked for, tree and signed checkpoints.
std::unique_ptr<Peer> daybook_peer(const Data& data, const std::filesystem::path& dir);

[[noreturn]] void give_up(const std::string& why);

}  // namespace daybook::bench
