// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/service_names.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "dissector/names/cid_names.h"
#include "dissector/names/protocol_names.h"
#include "dissector/text/escape.h"

namespace vsdump {

namespace {

constexpr std::string_view kBlanks = " \t\r";

bool listensOn(const Service& service, VirtioType type, Port port, ListeningSide side) {
  return service.type == type && service.first <= port && port <= service.last &&
         (service.side == side || service.side == ListeningSide::Any || side == ListeningSide::Any);
}

/// The first row that fits; a single port is more telling than a range that happens to hold it.
const Service* findIn(std::span<const Service> services, VirtioType type, Port port,
                      ListeningSide side) {
  const Service* range = nullptr;
  for (const Service& service : services) {
    if (!listensOn(service, type, port, side)) continue;
    if (service.first == service.last) return &service;
    if (range == nullptr) range = &service;
  }
  return range;
}

std::string_view nextWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::optional<Port> parsePort(std::string_view text) {
  std::uint32_t value = 0;
  const bool isHex = text.starts_with("0x") || text.starts_with("0X");
  if (isHex) text.remove_prefix(2);
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, isHex ? 16 : 10);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Port{value};
}

std::string quoted(std::string_view text) {
  return '"' + escaped(text) + '"';
}

/// PORT[-PORT][/TYPE] into `service`. Returns what is wrong, or nothing.
std::optional<std::string> parsePorts(std::string_view text, Service& service) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view typeWord = text.substr(slash + 1);
    const FieldName* found = nullptr;
    for (const FieldName& type : virtioTypeNames()) {
      if (type.word == typeWord) found = &type;
    }
    if (found == nullptr) {
      return quoted(typeWord) + " is no socket type; stream, seqpacket and dgram are";
    }
    service.type = static_cast<VirtioType>(found->value);
    text = text.substr(0, slash);
  }
  const std::size_t dash = text.find('-');
  const auto first = parsePort(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parsePort(text.substr(dash + 1));
  if (!first || !last || *last < *first) {
    return quoted(text) + " is no port and no range of ports (0 to 4294967295)";
  }
  service.first = *first;
  service.last = *last;
  return std::nullopt;
}

std::optional<ListeningSide> parseSide(std::string_view word) {
  if (word.empty() || word == "any") return ListeningSide::Any;
  if (word == "host") return ListeningSide::Host;
  if (word == "guest") return ListeningSide::Guest;
  if (word == "hypervisor") return ListeningSide::Hypervisor;
  return std::nullopt;
}

/// Names go into lines and JSON as they are.
bool isPlainName(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '+';
  });
}

/// One line without its comment. Returns what is wrong, or nothing.
std::optional<std::string> parseRow(std::string_view line, Service& service) {
  service.name = nextWord(line);
  if (!isPlainName(service.name)) {
    return quoted(service.name) + " is no name: names have letters, digits, and - _ . +";
  }
  const std::string_view ports = nextWord(line);
  if (ports.empty()) return "the port is missing after the name " + quoted(service.name);
  if (auto problem = parsePorts(ports, service)) return problem;
  const std::string_view sideWord = nextWord(line);
  const auto side = parseSide(sideWord);
  if (!side) {
    return quoted(sideWord) + " does not say who listens; host, guest, hypervisor and any do";
  }
  service.side = *side;
  if (const std::string_view extra = nextWord(line); !extra.empty()) {
    return quoted(extra) + " is one word too many; a description goes behind a #";
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - std::min(text.find_last_not_of(kBlanks) + 1, text.size()));
  return text;
}

}  // namespace

ListeningSide sideOf(Cid cid) {
  if (cid == kCidHypervisor) return ListeningSide::Hypervisor;
  if (cid == kCidHost) return ListeningSide::Host;
  if (cid >= kFirstGuestCid && cid < kCidAny) return ListeningSide::Guest;
  return ListeningSide::Any;
}

std::vector<ServiceFileProblem> ServiceNames::addFile(std::string_view text) {
  std::vector<ServiceFileProblem> problems;
  std::vector<Service> rows;
  const std::vector<char>& kept = texts_.emplace_back(text.begin(), text.end());
  std::string_view rest(kept.data(), kept.size());
  for (std::size_t number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    Service service;
    if (const std::size_t hash = line.find('#'); hash != std::string_view::npos) {
      service.description = trimmed(line.substr(hash + 1));
      line = line.substr(0, hash);
    }
    if (trimmed(line).empty()) continue;
    if (auto problem = parseRow(line, service)) {
      problems.push_back({number, std::move(*problem)});
    } else {
      rows.push_back(service);
    }
  }
  userServices_.insert(userServices_.begin(), rows.rbegin(), rows.rend());
  return problems;
}

const Service* ServiceNames::find(VirtioType type, Port port, ListeningSide side) const {
  const Service* named = findIn(userServices_, type, port, side);
  return named != nullptr ? named : findIn(builtinServices(), type, port, side);
}

}  // namespace vsdump
