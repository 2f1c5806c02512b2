// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::kestra {

// One secret scalar of a YAML text: where its value begins, how it is written, what it is.
struct YamlSecret {
  std::string path;       // `/triggers/hook/key`; entries of lists by their `id`, else by position.
  std::string value;      // As YAML reads it.
  std::size_t begin = 0;  // Byte offset of the scalar, its tag or anchor.
  std::size_t indent = 0;  // Column of the key it belongs to.
};

// Reads YAML (all documents of the text) and lists the scalars that are secrets: those below a
// secret name, `key` of Webhook triggers, defaults of SECRET inputs. In order of `begin`.
// nullopt: no YAML that can be understood here; the caller must then hide more.
[[nodiscard]] std::optional<std::vector<YamlSecret>> find_yaml_secrets(std::string_view text);

}  // namespace daybook::kestra
