// SPDX-License-Identifier: Apache-2.0
#include "draft.h"

#include <algorithm>
#include <future>

#include "daybook/crypto/sha256.h"
#include "daybook/ledger/ledger.h"

namespace daybook::ledger {

namespace {
// Part numbers are 1 to 3; 0 is the sent content.
constexpr std::uint8_t kContentNumber = 0;
}  // namespace

Hash content_digest(const record::Seed& seed, std::string_view content) {
  const Hash salt = crypto::Sha256().update(ByteSpan(seed)).update(kContentNumber).finish();
  return crypto::Sha256().update(ByteSpan(salt).first(16)).update(content).finish();
}

IdKey id_key(std::string_view tenant, std::string_view id) {
  const Hash hash = crypto::Sha256().update(tenant).update(std::uint8_t{0}).update(id).finish();
  IdKey key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

Draft prepare(const record::Event& event, std::string content, Random& random) {
  Draft draft;
  draft.parts = record::encode(event);
  draft.seed = record::new_seed(random);
  draft.commitments = record::commit_all(draft.seed, draft.parts);
  draft.key = id_key(event.tenant_id.value_or(""), event.id);
  draft.content_digest = content_digest(draft.seed, content);
  draft.content = std::move(content);
  return draft;
}

Result<Appended> append_and_wait(Ledger& ledger, std::vector<Draft> batch) {
  std::promise<Result<Appended>> answer;
  ledger.append(std::move(batch),
                [&answer](Result<Appended> done) { answer.set_value(std::move(done)); });
  return answer.get_future().get();
}

Result<PublishedCheckpoint> publish_and_wait(Ledger& ledger) {
  std::promise<Result<PublishedCheckpoint>> answer;
  ledger.publish(
      [&answer](Result<PublishedCheckpoint> done) { answer.set_value(std::move(done)); });
  return answer.get_future().get();
}

}  // namespace daybook::ledger
