// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace daybook::kestra {

// Whether a map entry, parameter or header of this name holds a secret: password, clientSecret,
// X-Api-Key, private_key ... Case, `_`, `-` and `.` do not matter.
[[nodiscard]] bool is_secret_name(std::string_view name);

// Whether a type names a Webhook trigger, whose `key` is a secret.
[[nodiscard]] bool is_webhook_type(std::string_view type);

// A value that only points to a secret, `{{ secret('NAME') }}`: shown, it is none itself.
[[nodiscard]] bool is_reference(std::string_view value);

}  // namespace daybook::kestra
