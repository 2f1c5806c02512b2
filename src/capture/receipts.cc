// SPDX-License-Identifier: Apache-2.0
#include "receipts.h"

#include <algorithm>

#include "daybook/core/bytes.h"
#include "daybook/core/check.h"
#include "daybook/record/json.h"

namespace daybook::capture {

void Receipts::add(const ledger::Appended& appended, const std::vector<std::string>& ids) {
  count_ += appended.receipts.size();
  created_ += appended.created;
  tree_size_ = std::max(tree_size_, appended.tree_size.value());
  if (!first_) {
    first_ = appended.first;
  }
  if (!listed_) {
    return;
  }
  DAYBOOK_CHECK(ids.size() == appended.receipts.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const ledger::Receipt& receipt = appended.receipts[i];
    results_ += results_.empty() ? "{\"id\":" : ",{\"id\":";
    record::append_json_string(results_, ids[i]);
    results_ += ",\"index\":" + std::to_string(receipt.index.value());
    results_ += ",\"leafHash\":\"" + to_hex(receipt.leaf_hash);
    results_ += receipt.duplicate ? "\",\"duplicate\":true}" : "\",\"duplicate\":false}";
  }
}

net::Response Receipts::answer() const {
  net::Response response;
  response.head.status = created_ > 0 ? 201 : 200;
  response.head.headers.add("Content-Type", "application/json");
  std::string& body = response.body;
  body.reserve(results_.size() + 128);
  body += "{\"count\":" + std::to_string(count_);
  body += ",\"created\":" + std::to_string(created_);
  body += ",\"firstIndex\":" + (first_ ? std::to_string(first_->value()) : "null");
  body += ",\"treeSize\":" + std::to_string(tree_size_);
  if (listed_) {
    body += ",\"results\":[" + results_ + "]";
  }
  body += '}';
  response.head.content_length = body.size();
  return response;
}

}  // namespace daybook::capture
