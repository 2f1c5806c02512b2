// SPDX-License-Identifier: Apache-2.0
#include "erasures.h"

#include <algorithm>

#include "daybook/record/parts.h"

#include "ledger_files.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kMagic = "DBKerase";
constexpr std::size_t kItemBytes = 12;

}  // namespace

Bytes encode_erasures(const std::vector<Erasure>& erasures) {
  Bytes out;
  const ByteSpan magic = as_bytes(kMagic);
  out.insert(out.end(), magic.begin(), magic.end());
  for (const Erasure& erasure : erasures) {
    put_u64_le(out, erasure.index.value());
    put_u32_le(out, erasure.parts);
  }
  put_u32_le(out, crc32c(out));
  return out;
}

Result<std::vector<Erasure>> decode_erasures(ByteSpan bytes) {
  const Error damaged{Errc::corrupt, "list of entries to erase damaged", in_ledger(kErasingFile),
                      0};
  const std::size_t front = kMagic.size();
  if (bytes.size() < front + 4 || (bytes.size() - front - 4) % kItemBytes != 0 ||
      !as_text(bytes).starts_with(kMagic) ||
      get_u32_le(&bytes[bytes.size() - 4]) != crc32c(bytes.first(bytes.size() - 4))) {
    return damaged;
  }
  std::vector<Erasure> erasures;
  for (std::size_t at = front; at + 4 < bytes.size(); at += kItemBytes) {
    const std::uint32_t parts = get_u32_le(&bytes[at + 8]);
    if (parts == 0 || parts >= (1U << record::kPartCount)) return damaged;
    erasures.push_back({EntryIndex(get_u64_le(&bytes[at])), static_cast<std::uint8_t>(parts)});
  }
  return erasures;
}

Result<std::vector<Erasure>> read_erasures(FileSystem& fs, const FileSystem::Path& data_dir) {
  const auto bytes =
      read_file(fs, data_dir / kLedgerDir / kErasingFile, 16 + kItemBytes * kErasuresMax);
  if (!bytes && bytes.error().code == Errc::not_found) return std::vector<Erasure>{};
  if (!bytes) return bytes.error();
  return decode_erasures(*bytes);
}

Result<std::vector<Erasure>> merge_erasures(std::vector<Erasure> erasures, std::uint64_t size) {
  std::ranges::sort(erasures, {}, &Erasure::index);
  std::vector<Erasure> merged;
  for (const Erasure& erasure : erasures) {
    if (erasure.index.value() >= size || erasure.parts == 0 ||
        erasure.parts >= (1U << record::kPartCount)) {
      return Error{Errc::invalid, "no such entry or part to erase"};
    }
    if (!merged.empty() && merged.back().index == erasure.index) {
      merged.back().parts |= erasure.parts;
    } else {
      merged.push_back(erasure);
    }
  }
  if (merged.size() > kErasuresMax) {
    return Error{Errc::exhausted, "too many entries to erase at once"};
  }
  return merged;
}

}  // namespace daybook::ledger
