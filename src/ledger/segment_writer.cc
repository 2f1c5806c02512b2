// SPDX-License-Identifier: Apache-2.0
#include "segment_writer.h"

#include <algorithm>

#include "daybook/core/check.h"
#include "daybook/crypto/sha256.h"
#include "daybook/ledger/merkle.h"

#include "part_block.h"

namespace daybook::ledger {

namespace {

// Appends to a file and hashes what goes by.
class Output {
 public:
  explicit Output(File& file) : file_(file) {}
  Status write(ByteSpan bytes) {
    DAYBOOK_RETURN_IF_ERROR(file_.write_at(end_, bytes));
    end_ += bytes.size();
    hash_.update(bytes);
    return {};
  }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  Hash digest() { return hash_.finish(); }

 private:
  File& file_;
  std::uint64_t end_ = 0;
  crypto::Sha256 hash_;
};

class Writer {
 public:
  Writer(File& file, const SegmentHeader& header, const Pace& pace, Packing packing)
      : out_(file), header_(header), pace_(pace), packing_(packing) {}

  Status run(const SegmentSource& source) {
    Bytes header;
    put_segment_header(header, header_);
    DAYBOOK_RETURN_IF_ERROR(out_.write(header));
    DAYBOOK_RETURN_IF_ERROR(source([this](const SegmentEntry& entry) { return add(entry); }));
    if (position_ != header_.entries) return Error{Errc::corrupt, "a segment lacks entries"};
    for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
      DAYBOOK_RETURN_IF_ERROR(write_block(kind));
    }
    DAYBOOK_RETURN_IF_ERROR(write_tables());
    SegmentFooter footer;
    footer.tables = tables_;
    footer.root = root_;
    footer.entries = header_.entries;
    footer.digest = out_.digest();
    Bytes bytes;
    put_segment_footer(bytes, footer);
    return out_.write(bytes);
  }

 private:
  Status add(const SegmentEntry& entry) {
    for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
      if (!builders_[kind].fits(entry.parts[kind].size())) {
        DAYBOOK_RETURN_IF_ERROR(write_block(kind));
      }
      builders_[kind].add(entry.parts[kind]);
    }
    collect(entry, position_++);
    return {};
  }

  // What has come together of one kind.
  Status write_block(std::size_t kind) {
    BlockBuilder& builder = builders_[kind];
    const std::uint32_t first = position_ - builder.count();
    const Bytes raw = builder.take();
    const Bytes frame = compress_block(raw, packing_);
    directory_[kind].push_back({first, static_cast<std::uint32_t>(raw.size()),
                                static_cast<std::uint32_t>(frame.size()), crc32c(frame),
                                out_.end()});
    DAYBOOK_RETURN_IF_ERROR(out_.write(frame));
    return pace_ ? pace_(raw.size()) : Status{};
  }

  // What is small and goes into tables.
  void collect(const SegmentEntry& entry, std::uint32_t position) {
    put_bytes(seeds_, entry.erased == 0 ? entry.seed : record::Seed{});
    put_bytes(tags_, entry.erased == 0 ? entry.tag : ContentTag{});
    names_.push_back({name_prefix(entry.key), static_cast<std::uint16_t>(position)});
    if (entry.erased != 0) {
      put_erased(erased_, {position, entry.erased, entry.key, entry.salts, entry.commitments});
    }
    group_.append(entry.leaf);
    if (group_.size() < std::uint64_t{1} << group_level(header_.entries)) return;
    put_bytes(groups_, group_.root());
    tile_.append(group_.root());
    group_ = CompactRange();
    if (tile_.size() < std::uint64_t{1}
                           << (roots_level(header_.entries) - group_level(header_.entries))) {
      return;
    }
    put_bytes(roots_, tile_.root());
    tree_.append(tile_.root());
    tile_ = CompactRange();
  }

  Status write_tables() {
    root_ = tree_.root();
    Bytes directory;
    put_directory(directory, directory_);
    std::ranges::sort(names_);
    Bytes names;
    put_names(names, names_);
    const std::array<const Bytes*, kTableCount> tables{&directory, &seeds_,  &erased_, &tags_,
                                                       &names,     &groups_, &roots_};
    for (std::size_t n = 0; n < kTableCount; ++n) {
      tables_[n] = {out_.end(), tables[n]->size(), crc32c(*tables[n])};
      DAYBOOK_RETURN_IF_ERROR(out_.write(*tables[n]));
    }
    return {};
  }

  Output out_;
  const SegmentHeader header_;
  const Pace& pace_;
  const Packing packing_;
  std::uint32_t position_ = 0;
  std::array<BlockBuilder, record::kPartCount> builders_;
  BlockDirectory directory_;
  Bytes seeds_;
  Bytes erased_;
  Bytes tags_;
  Bytes groups_;
  Bytes roots_;
  std::vector<NameSlot> names_;
  CompactRange group_;  // Of leaves.
  CompactRange tile_;   // Of groups.
  CompactRange tree_;   // Of tiles.
  std::array<TablePlace, kTableCount> tables_;
  Hash root_{};
};

}  // namespace

Status write_segment(File& file, const SegmentHeader& header, const SegmentSource& source,
                     const Pace& pace, Packing packing) {
  DAYBOOK_RETURN_IF_ERROR(Writer(file, header, pace, packing).run(source));
  return file.sync();
}

}  // namespace daybook::ledger
