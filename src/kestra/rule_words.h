// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "rule.h"

namespace daybook::kestra {

// Words of the rule files.
template <class T, std::size_t kCount>
using Words = std::array<std::pair<std::string_view, T>, kCount>;

constexpr Words<bool, 2> kBooleanWords{{{"true", true}, {"false", false}}};
constexpr Words<Level, 4> kLevelWords{{{"none", Level::none},
                                       {"metadata", Level::metadata},
                                       {"change", Level::change},
                                       {"body", Level::body}}};
constexpr Words<Mode, 2> kModeWords{{{"strict", Mode::strict}, {"available", Mode::available}}};
constexpr Words<Bulk, 5> kBulkWords{{{"ids", Bulk::ids},
                                     {"objects", Bulk::objects},
                                     {"query", Bulk::query},
                                     {"file", Bulk::file},
                                     {"yaml_multi", Bulk::yaml_multi}}};
constexpr Words<Doc, 7> kDocWords{{{"object", Doc::object},
                                   {"flow", Doc::flow},
                                   {"execution", Doc::execution},
                                   {"trigger", Doc::trigger},
                                   {"kv", Doc::kv},
                                   {"file", Doc::file},
                                   {"template", Doc::template_}}};

}  // namespace daybook::kestra
