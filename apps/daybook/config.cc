// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string_view>
#include <vector>

#include "retention_config.h"

namespace daybook::app {
namespace {

constexpr std::size_t kConfigBytesMax = 1 << 20;

Error at(const YAML::Node& node, std::string text, const std::string& key) {
  const auto mark = node.Mark();
  return {.code = Errc::invalid,
          .context =
              fmt::format("line {}, column {}: {}: {}", mark.line + 1, mark.column + 1, key, text),
          .path = key};
}

// `1500ms`, `2s`, `10m`, `1h`.
Result<std::int64_t> duration_ms(const YAML::Node& node, const std::string& key) {
  const auto text = node.as<std::string>("");
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
  if (digits > 0 && digits <= 9) {
    for (const auto& [unit, factor] : kUnits) {
      if (std::string_view(text).substr(digits) == unit)
        return std::stoll(text.substr(0, digits)) * factor;
    }
  }
  return at(node, "expected a duration such as 500ms, 2s, 10m or 1h", key);
}

Result<std::string> text_of(const YAML::Node& node, const std::string& key) {
  if (!node.IsScalar()) return at(node, "expected a text", key);
  return node.as<std::string>();
}

Result<std::string> first_line_of(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line)) {
    return Error{
        .code = Errc::io, .context = "cannot read a first line from " + file, .path = file};
  }
  return line;
}

using Setter = std::function<Status(const YAML::Node&, const std::string&)>;
struct Key {
  std::string name;
  Setter set;
};

Setter into_text(std::string& target) {
  return [&target](const YAML::Node& node, const std::string& key) -> Status {
    DAYBOOK_ASSIGN_OR_RETURN(target, text_of(node, key));
    return {};
  };
}

Setter into_optional(std::optional<std::string>& target) {
  return [&target](const YAML::Node& node, const std::string& key) -> Status {
    DAYBOOK_ASSIGN_OR_RETURN(target, text_of(node, key));
    return {};
  };
}

template <class Target>
Setter into_duration(Target& target) {
  return [&target](const YAML::Node& node, const std::string& key) -> Status {
    DAYBOOK_ASSIGN_OR_RETURN(const std::int64_t ms, duration_ms(node, key));
    target = Target(ms);
    return {};
  };
}

Setter into_count(std::size_t& target) {
  return [&target](const YAML::Node& node, const std::string& key) -> Status {
    constexpr std::uint32_t kMax = 1'000'000;
    std::uint32_t count = 0;
    if (!node.IsScalar() || !YAML::convert<std::uint32_t>::decode(node, count) || count > kMax) {
      return at(node, "expected a number from 0 to 1000000", key);
    }
    target = count;
    return {};
  };
}

Setter into_mib_per_second(std::uint64_t& target) {
  return [&target](const YAML::Node& node, const std::string& key) -> Status {
    constexpr std::uint32_t kMax = 100'000;
    std::uint32_t mib = 0;
    if (!node.IsScalar() || !YAML::convert<std::uint32_t>::decode(node, mib) || mib == 0 ||
        mib > kMax) {
      return at(node, "expected MiB a second, from 1 to 100000", key);
    }
    target = std::uint64_t{mib} << 20U;
    return {};
  };
}

// A power of two: the ledger checks that again for whoever sets it elsewhere.
Setter into_segment_entries(std::uint32_t& target) {
  return [&target](const YAML::Node& node, const std::string& key) -> Status {
    std::uint32_t count = 0;
    if (!node.IsScalar() || !YAML::convert<std::uint32_t>::decode(node, count) ||
        !std::has_single_bit(count) || count < 256 || count > 65'536) {
      return at(node, "expected a power of two from 256 to 65536", key);
    }
    target = count;
    return {};
  };
}

Status set_identity(capture::GatewayOptions& options, const YAML::Node& node,
                    const std::string& key) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::string word, text_of(node, key));
  if (word == "daybook") {
    options.identity = capture::Identity::daybook;
  } else if (word == "passthrough") {
    options.identity = capture::Identity::passthrough;
  } else if (word == "headers") {
    options.identity = capture::Identity::headers;
  } else {
    return at(node, "expected daybook, passthrough or headers", key);
  }
  return {};
}

Setter into_networks(net::Networks& target) {
  return [&target](const YAML::Node& node, const std::string& key) -> Status {
    if (!node.IsSequence()) return at(node, "expected a list of IP networks", key);
    std::vector<std::string> texts;
    for (const auto& item : node) texts.push_back(item.as<std::string>(""));
    auto parsed = net::Networks::parse(texts);
    if (!parsed) return at(node, parsed.error().context, key);
    target = *std::move(parsed);
    return {};
  };
}

Status set_sign_in(capture::GatewayOptions& options, const YAML::Node& node,
                   const std::string& key) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::string word, text_of(node, key));
  if (word != "basic" && word != "page") return at(node, "expected basic or page", key);
  options.sign_in_page = word == "page";
  return {};
}

Status set_spool_size(capture::Spool::Options& spool, const YAML::Node& node,
                      const std::string& key) {
  constexpr std::uint64_t kMiB = 1ULL << 20U;
  const auto mib = node.as<std::uint64_t>(0);
  if (mib == 0 || mib > 1'048'576) return at(node, "expected a number of MiB, at least 1", key);
  spool.bytes_max = mib * kMiB;
  return {};
}

Status set_webhooks(capture::GatewayOptions& options, const YAML::Node& node,
                    const std::string& key) {
  DAYBOOK_ASSIGN_OR_RETURN(const std::string word, text_of(node, key));
  if (word != "open" && word != "authenticated")
    return at(node, "expected open or authenticated", key);
  options.webhooks_open = word == "open";
  return {};
}

void add_gateway_keys(Config& config, std::vector<Key>& keys) {
  auto& gateway = config.gateway_options;
  keys.push_back({"gateway.tls.certificate", into_text(config.gateway_tls.certificate)});
  keys.push_back({"gateway.tls.key", into_text(config.gateway_tls.key)});
  keys.push_back({"gateway.upstream.caFile", into_optional(config.upstream_ca)});
  keys.push_back({"gateway.listen", into_optional(config.gateway)});
  keys.push_back({"gateway.upstream.url", into_optional(config.upstream)});
  keys.push_back({"gateway.upstream.username", into_optional(gateway.upstream_username)});
  keys.push_back({"gateway.upstream.passwordFile",
                  [&gateway](const YAML::Node& node, const std::string& key) -> Status {
                    DAYBOOK_ASSIGN_OR_RETURN(const std::string file, text_of(node, key));
                    DAYBOOK_ASSIGN_OR_RETURN(gateway.upstream_password, first_line_of(file));
                    return {};
                  }});
  keys.push_back({"gateway.identity", [&gateway](const YAML::Node& node, const std::string& key) {
                    return set_identity(gateway, node, key);
                  }});
  keys.push_back({"gateway.webhooks", [&gateway](const YAML::Node& node, const std::string& key) {
                    return set_webhooks(gateway, node, key);
                  }});
  keys.push_back({"gateway.sign_in", [&gateway](const YAML::Node& node, const std::string& key) {
                    return set_sign_in(gateway, node, key);
                  }});
  keys.push_back({"gateway.trusted_proxies", into_networks(gateway.trusted_proxies)});
  keys.push_back({"gateway.headers.user", into_text(gateway.user_header)});
  keys.push_back({"gateway.headers.from", into_networks(gateway.header_networks)});
  keys.push_back({"gateway.rules", into_optional(config.rules)});
  keys.push_back(
      {"gateway.spool.path", [&config](const YAML::Node& node, const std::string& key) -> Status {
         DAYBOOK_ASSIGN_OR_RETURN(const std::string text, text_of(node, key));
         config.spool.folder = text;
         return {};
       }});
  keys.push_back(
      {"gateway.spool.max_mib", [&config](const YAML::Node& node, const std::string& key) {
         return set_spool_size(config.spool, node, key);
       }});
  keys.push_back({"gateway.own_request_timeout", into_duration(gateway.own_request_timeout)});
  keys.push_back({"gateway.answer_timeout", into_duration(gateway.answer_timeout)});
}

std::vector<Key> known_keys(Config& config) {
  std::vector<Key> keys;
  keys.push_back({"listen", into_text(config.listen)});
  keys.push_back({"tls.certificate", into_text(config.tls.certificate)});
  keys.push_back({"tls.key", into_text(config.tls.key)});
  keys.push_back({"ledger.origin", into_text(config.ledger.origin)});
  keys.push_back(
      {"ledger.checkpoint_interval", into_duration(config.ledger.checkpoint_interval_ms)});
  keys.push_back(
      {"ledger.keys", [&config](const YAML::Node& node, const std::string& key) -> Status {
         DAYBOOK_ASSIGN_OR_RETURN(const std::string text, text_of(node, key));
         config.ledger.keys_dir = text;
         return {};
       }});
  keys.push_back(
      {"ledger.checkpoint", [&config](const YAML::Node& node, const std::string& key) -> Status {
         DAYBOOK_ASSIGN_OR_RETURN(const std::string text, text_of(node, key));
         config.known_checkpoint = text;
         return {};
       }});
  keys.push_back({"ledger.segment_entries", into_segment_entries(config.ledger.segment_entries)});
  keys.push_back({"ledger.scrub_interval", into_duration(config.scrub.interval_ms)});
  keys.push_back({"ledger.scrub_rate", into_mib_per_second(config.scrub.bytes_per_second)});
  keys.push_back({"heartbeat.after", into_duration(config.heartbeat.after)});
  keys.push_back({"heartbeat.every", into_duration(config.heartbeat.every)});
  keys.push_back({"access.lock_duration", into_duration(config.access.lock_duration_ms)});
  keys.push_back({"access.session", into_duration(config.access.session_ms)});
  keys.push_back({"follow.followers_max", into_count(config.follow.followers_max)});
  keys.push_back({"follow.comment_interval", into_duration(config.follow.comment)});
  keys.push_back({"follow.recheck_interval", into_duration(config.follow.recheck)});
  add_gateway_keys(config, keys);
  auto& erasure = config.erasure;
  keys.push_back(
      {"erasure.two_person", [&erasure](const YAML::Node& node, const std::string& key) -> Status {
         bool wanted = false;
         if (!node.IsScalar() || !YAML::convert<bool>::decode(node, wanted)) {
           return at(node, "expected true or false", key);
         }
         erasure.two_person = wanted;
         return {};
       }});
  keys.push_back({"retention.every", into_duration(erasure.retention_every)});
  keys.push_back(
      {"retention.policies", [&erasure](const YAML::Node& node, const std::string& key) -> Status {
         auto read = read_policies(node);
         if (!read) return at(node, read.error().context, key);
         erasure.policies = *std::move(read);
         return {};
       }});
  keys.push_back({"witness.policy", into_text(config.witness.policy_file)});
  keys.push_back({"witness.interval", into_duration(config.witness.interval)});
  keys.push_back({"witness.recosign", into_duration(config.witness.recosign)});
  keys.push_back({"witness.timeout", into_duration(config.witness.timeout)});
  return keys;
}

std::string list_of(const std::vector<Key>& keys) {
  std::string list;
  for (const auto& key : keys) list += (list.empty() ? "" : ", ") + key.name;
  return list;
}

Status apply(const YAML::Node& node, const std::string& prefix, const std::vector<Key>& keys) {
  for (const auto& member : node) {
    const auto name = prefix + member.first.as<std::string>("");
    bool is_group = false;
    const Key* match = nullptr;
    for (const auto& key : keys) {
      if (key.name == name) match = &key;
      if (key.name.starts_with(name + ".")) is_group = true;
    }
    if (match != nullptr) {
      DAYBOOK_RETURN_IF_ERROR(match->set(member.second, name));
    } else if (is_group && member.second.IsMap()) {
      DAYBOOK_RETURN_IF_ERROR(apply(member.second, name + ".", keys));
    } else {
      return at(member.first, "unknown key; known are " + list_of(keys), name);
    }
  }
  return {};
}

}  // namespace

Status read_config_file(const std::filesystem::path& file, Config& config) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return Error{
        .code = Errc::not_found, .context = "cannot open " + file.string(), .path = file.string()};
  std::string text(kConfigBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kConfigBytesMax) {
    return Error{.code = Errc::exhausted,
                 .context = file.string() + " is larger than 1 MiB",
                 .path = file.string()};
  }
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return {};
    if (!root.IsMap()) return at(root, "expected keys and values", file.string());
    return apply(root, "", known_keys(config));
  } catch (const YAML::Exception& bad) {
    return Error{.code = Errc::invalid,
                 .context = fmt::format("{}: line {}, column {}: {}", file.string(),
                                        bad.mark.line + 1, bad.mark.column + 1, bad.msg),
                 .path = file.string()};
  }
}

void read_environment(Config& config) {
  if (const char* name = std::getenv("DAYBOOK_UPSTREAM_USERNAME"); name != nullptr) {
    config.gateway_options.upstream_username = name;
  }
  if (const char* password = std::getenv("DAYBOOK_UPSTREAM_PASSWORD"); password != nullptr) {
    config.gateway_options.upstream_password = password;
  }
  if (const char* password = std::getenv("DAYBOOK_ADMIN_PASSWORD"); password != nullptr) {
    config.first_admin_password = password;
  }
}

}  // namespace daybook::app
