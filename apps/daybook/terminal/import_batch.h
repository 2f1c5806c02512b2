// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/query/filter.h"

#include "row_to_event.h"

namespace daybook::terminal {

// A record that cannot be imported: which one, and what about it.
struct BadRecord {
  std::uint64_t number = 0;
  Error error;
};

// Events on their way to one tenant, as the NDJSON body of an ingest request.
struct ImportBatch {
  std::string body;
  std::vector<std::uint64_t> numbers;  // Of the record behind each line.
  std::vector<std::size_t> ends;       // Where each line ends in `body`.
};

// Reads the records of an import: by the rules of the ingest API, before anything is sent.
class RecordReader {
 public:
  struct Options {
    std::string tenant;    // Every event goes there; empty: where its row says.
    query::Filter filter;  // Only what matches is taken.
    bool filtered = false;
  };
  explicit RecordReader(Options options) : options_(std::move(options)) {}

  enum class Verdict : std::uint8_t {
    taken,
    filtered,        // The filter leaves it out.
    without_tenant,  // A row of no tenant (a sign-in): such entries cannot be ingested.
  };
  struct Read {
    Verdict verdict = Verdict::taken;
    std::string tenant;
    std::string line;  // The event as one line of NDJSON.
  };
  // An event without an id gets one made of its place and its content, so that importing the same
  // file again repeats instead of adding. Errc::invalid with the JSON Pointer in `path`.
  Result<Read> read(std::string_view text, std::uint64_t number) const;

 private:
  Options options_;
};

// Batches by tenant, all together at most about a fixed size.
class ImportBatches {
 public:
  void add(const RecordReader::Read& read, std::uint64_t number);
  [[nodiscard]] bool full() const;
  [[nodiscard]] std::map<std::string, ImportBatch> take();

 private:
  std::map<std::string, ImportBatch> batches_;
  std::size_t bytes_ = 0;
  std::size_t events_ = 0;
};

}  // namespace daybook::terminal
