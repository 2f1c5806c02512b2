// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/record/json.h"

namespace daybook::evidence {

// Strict reading of one JSON object. Every refusal is Errc::invalid and names the member.

// An object with these members and no other.
Status expect_members(const record::Json& value, std::string_view what,
                      std::initializer_list<std::string_view> required,
                      std::initializer_list<std::string_view> optional = {});

// Of a member that is there.
Result<std::string> text_member(const record::Json& object, std::string_view name);
Result<std::uint64_t> number_member(const record::Json& object, std::string_view name);
Result<bool> bool_member(const record::Json& object, std::string_view name);
Result<std::vector<std::string>> texts_member(const record::Json& object, std::string_view name);
Result<Hash> hex_hash_member(const record::Json& object, std::string_view name);
Result<std::vector<Hash>> hashes_member(const record::Json& object, std::string_view name);

}  // namespace daybook::evidence
