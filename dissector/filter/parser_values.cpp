// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/parser_values.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "dissector/names/cid_names.h"
#include "dissector/text/escape.h"
#include "dissector/text/near_word.h"

namespace vsdump::filter {

namespace {

constexpr std::array kNamedCids = {kCidHypervisor, kCidLocal, kCidHost, kCidAny};

constexpr std::array kFlags = {
    FlagIs{"eom", kSeqpacketEndOfMessage, VirtioOp::Rw, VirtioType::Seqpacket},
    FlagIs{"eor", kSeqpacketEndOfRecord, VirtioOp::Rw, VirtioType::Seqpacket},
    FlagIs{"shutdown_rcv", kShutdownReceive, VirtioOp::Shutdown, std::nullopt},
    FlagIs{"shutdown_send", kShutdownSend, VirtioOp::Shutdown, std::nullopt},
};

/// Words of pcap-filter(7) that mean nothing on vsock.
struct ForeignWord {
  std::string_view word;
  std::string_view hint;
};
constexpr std::string_view kNoNetwork = "A vsock packet has CIDs and ports: `cid 3 and port 1024`.";
constexpr std::array kForeignWords = {
    ForeignWord{"tcp", kNoNetwork},
    ForeignWord{"udp", kNoNetwork},
    ForeignWord{"ip", kNoNetwork},
    ForeignWord{"ip6", kNoNetwork},
    ForeignWord{"icmp", kNoNetwork},
    ForeignWord{"arp", kNoNetwork},
    ForeignWord{"net", kNoNetwork},
    ForeignWord{"proto", kNoNetwork},
    ForeignWord{"vlan", kNoNetwork},
    ForeignWord{"broadcast", kNoNetwork},
    ForeignWord{"multicast", kNoNetwork},
    ForeignWord{"gateway", kNoNetwork},
    ForeignWord{"inbound", "The direction is an option: -Q in."},
    ForeignWord{"outbound", "The direction is an option: -Q out."},
    ForeignWord{"ifindex", "The device is an option: -i."},
};

/// Whether its values have names and no numbers.
bool takesNamesOnly(Primitive kind) {
  return kind == Primitive::Finding || kind == Primitive::FindingPacket ||
         kind == Primitive::State || kind == Primitive::Service;
}

std::uint64_t mostOf(Primitive kind) {
  if (kind == Primitive::Cid) return std::numeric_limits<std::uint64_t>::max();
  if (kind == Primitive::Port || kind == Primitive::PortRange) return 0xFFFFFFFF;
  if (kind == Primitive::ConnectionNumber) return raw(kNoConnection) - 1;
  return 0xFFFF;
}

std::string_view nameOf(Primitive kind) {
  switch (kind) {
    case Primitive::Cid:
      return "CID";
    case Primitive::Op:
      return "op";
    case Primitive::Type:
      return "socket type";
    case Primitive::Transport:
      return "transport";
    case Primitive::ConnectionNumber:
      return "connection";
    case Primitive::Finding:
    case Primitive::FindingPacket:
      return "finding";
    case Primitive::State:
      return "state of a connection";
    case Primitive::Service:
      return "service";
    default:
      return "port";
  }
}

Problem problemAt(const Token& token, std::string message, std::string suggestion = {}) {
  return {.offset = token.offset,
          .length = std::max<std::size_t>(token.spelling.size(), 1),
          .message = std::move(message),
          .suggestion = std::move(suggestion)};
}

std::string lowered(std::string_view word) {
  std::string out(word);
  for (char& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return out;
}

std::optional<Problem> readNumber(Primitive kind, const Token& token, std::uint64_t& number) {
  if (token.kind != TokenKind::Number) {
    return problemAt(token, "a port's number should stand here");
  }
  if (token.isTooLarge || token.value > mostOf(kind)) {
    return problemAt(token, "there is no such " + std::string(nameOf(kind)) + ": the highest is " +
                                std::to_string(mostOf(kind)));
  }
  number = token.value;
  return std::nullopt;
}

std::optional<std::string_view> nearPrimitive(std::string_view word) {
  NearWord near(word);
  for (const PrimitiveRow& row : primitiveTable()) near.offer(row.word);
  return near.closest();
}

}  // namespace

std::span<const FieldName> wordsOf(Primitive kind) {
  switch (kind) {
    case Primitive::Op:
      return virtioOpNames();
    case Primitive::Type:
      return virtioTypeNames();
    case Primitive::Transport:
      return transportNames();
    case Primitive::Finding:
    case Primitive::FindingPacket:
      return findingWords();
    case Primitive::State:
      return stateWords();
    default:
      return {};
  }
}

std::optional<Problem> ValueReader::read(Primitive kind, const Token& word,
                                         const std::vector<Token>& tokens, std::size_t& at,
                                         Value& value) const {
  // `connection #12`, as the outputs write it.
  if (kind == Primitive::ConnectionNumber && tokens[at].kind == TokenKind::Sign &&
      tokens[at].spelling == "#") {
    ++at;
  }
  const Token& token = tokens[at];
  if (token.kind == TokenKind::Number && !takesNamesOnly(kind)) {
    ++at;
    if (auto problem = readNumber(kind, token, value.number)) return problem;
    if (kind != Primitive::Port && kind != Primitive::PortRange) return std::nullopt;
    std::uint64_t last = value.number;
    const bool isRange = tokens[at].spelling == "-" && tokens[at].kind == TokenKind::Sign;
    if (isRange && kind == Primitive::Port) {
      return problemAt(tokens[at], "`port` takes single ports", "Ranges go behind `portrange`.");
    }
    if (kind == Primitive::PortRange && !isRange) {
      return problemAt(tokens[at], "`portrange` needs two ports with a - between them",
                       "Such as `portrange 1024-1030`.");
    }
    if (isRange) {
      const Token& end = tokens[++at];
      if (auto problem = readNumber(kind, end, last)) return problem;
      ++at;
      if (last < value.number) return problemAt(end, "the range ends before it begins");
    }
    value.ranges.push_back(
        {Port{static_cast<std::uint32_t>(value.number)}, Port{static_cast<std::uint32_t>(last)}});
    return std::nullopt;
  }
  if (kind == Primitive::ConnectionNumber) {
    return problemAt(token, "a connection's number should stand here",
                     "`vsdump connections` shows them; addresses go behind `conn`.");
  }
  if (token.kind != TokenKind::Sign && token.kind != TokenKind::End) {
    ++at;
    return readName(kind, token,
                    token.kind == TokenKind::Text ? std::string_view(token.text) : token.spelling,
                    value);
  }
  const std::string needs = "`" + std::string(word.spelling) + "` needs a ";
  if (kind == Primitive::Cid && word.spelling == "host") {
    return problemAt(token, needs + "CID", "Such as `host 3`; for the host itself, `cid host`.");
  }
  return problemAt(
      token, needs + std::string(nameOf(kind)) +
                 (kind == Primitive::Cid || kind == Primitive::Port ? " or the name of one" : ""));
}

std::optional<Problem> ValueReader::readName(Primitive kind, const Token& token,
                                             std::string_view name, Value& value) const {
  NearWord near(name);
  if (kind == Primitive::Cid) {
    for (const Cid cid : kNamedCids) {
      if (cidName(cid) == name) {
        value.number = raw(cid);
        return std::nullopt;
      }
      near.offer(cidName(cid));
    }
  } else if (kind == Primitive::Port) {
    value.ranges = serviceNamed(name);
    if (!value.ranges.empty()) return std::nullopt;
    for (const Service& service : services_.userServices()) near.offer(service.name);
    for (const Service& service : builtinServices()) near.offer(service.name);
  } else if (kind == Primitive::Service) {
    value.name = name;
    for (const auto services : {services_.userServices(), builtinServices()}) {
      for (const Service& service : services) {
        if (isServiceNamed(service.name, name)) return std::nullopt;
        near.offer(service.name);
        near.offer(service.name.substr(0, service.name.find('-')));
      }
    }
  } else if (kind != Primitive::PortRange) {
    if (const FieldName* found = findWord(wordsOf(kind), name)) {
      value.number = found->value;
      return std::nullopt;
    }
    for (const FieldName& row : wordsOf(kind)) near.offer(row.word);
  }
  const std::string what(nameOf(kind));
  std::string suggestion;
  if (kind == Primitive::Op && findWord(monitorOpNames(), name) != nullptr) {
    suggestion = "Did you mean `" + lowered(name) + "` without op?";
  } else if (const auto meant = near.closest()) {
    std::string_view primitive;
    for (const PrimitiveRow& row : primitiveTable()) {
      if (row.kind == kind && primitive.empty()) primitive = row.word;
    }
    suggestion = "Did you mean `" + std::string(primitive) + " " + std::string(*meant) + "`?";
  } else if (const auto condition = nearPrimitive(name)) {
    // What follows `and` may be another value or a condition of its own.
    suggestion = "Did you mean `" + std::string(*condition) + "`?";
  } else if (wordsOf(kind).size() > 12) {
    suggestion = "vsdump-filter(7) lists them.";
  } else if (!wordsOf(kind).empty()) {
    for (const FieldName& row : wordsOf(kind)) {
      suggestion += (suggestion.empty() ? "There are " : ", ") + std::string(row.word);
    }
    suggestion += '.';
  }
  return problemAt(token, "there is no " + what + " \"" + escaped(name) + '"', suggestion);
}

std::vector<PortRange> ValueReader::serviceNamed(std::string_view name) const {
  std::vector<PortRange> ranges;
  for (const auto services : {services_.userServices(), builtinServices()}) {
    for (const Service& service : services) {
      const bool isThere = std::ranges::any_of(ranges, [&](const PortRange& range) {
        return range.first == service.first && range.last == service.last;
      });
      if (service.name == name && !isThere) ranges.push_back({service.first, service.last});
    }
  }
  return ranges;
}

ExpressionPtr conditionOf(Primitive kind, AddressSide side, const std::vector<Value>& values) {
  if (side == AddressSide::Both && values.size() > 1) {
    std::vector<ExpressionPtr> each;
    each.reserve(values.size());
    for (const Value& value : values) each.push_back(conditionOf(kind, side, {value}));
    return anyOf(std::move(each));
  }
  if (kind == Primitive::Cid) {
    CidIs cid{side, {}};
    for (const Value& value : values) cid.cids.push_back(Cid{value.number});
    return makeExpression(std::move(cid));
  }
  if (kind == Primitive::Port || kind == Primitive::PortRange) {
    PortIn port{side, {}};
    for (const Value& value : values) {
      port.ranges.insert(port.ranges.end(), value.ranges.begin(), value.ranges.end());
    }
    return makeExpression(std::move(port));
  }
  if (kind == Primitive::ConnectionNumber) {
    NumberIs number;
    for (const Value& value : values) {
      number.ids.push_back(ConnectionId{static_cast<std::uint32_t>(value.number)});
    }
    return makeExpression(std::move(number));
  }
  if (kind == Primitive::Service) {
    ServiceIs service;
    for (const Value& value : values) service.names.push_back(value.name);
    return makeExpression(std::move(service));
  }
  if (kind == Primitive::Finding || kind == Primitive::FindingPacket) {
    FindingIs finding{.isOfPacket = kind == Primitive::FindingPacket};
    for (const Value& value : values) finding.findings |= FindingSet{1} << value.number;
    return makeExpression(finding);
  }
  if (kind == Primitive::State) {
    StateIs state;
    for (const Value& value : values) state.states |= StateSet{1} << value.number;
    return makeExpression(state);
  }
  FieldIs fieldIs{kind == Primitive::Op     ? Field::Op
                  : kind == Primitive::Type ? Field::Type
                                            : Field::Transport,
                  {}};
  for (const Value& value : values) {
    fieldIs.values.push_back(static_cast<std::uint16_t>(value.number));
  }
  return makeExpression(std::move(fieldIs));
}

const FieldName* findWord(std::span<const FieldName> names, std::string_view word) {
  const std::string wanted = lowered(word);
  const auto row = std::ranges::find(names, wanted, &FieldName::word);
  return row == names.end() ? nullptr : &*row;
}

FlagIs flagNamed(std::string_view word) {
  const auto row = std::ranges::find(kFlags, word, &FlagIs::word);
  return row == kFlags.end() ? kFlags.front() : *row;
}

std::optional<std::vector<std::byte>> hexBytes(const Token& token) {
  std::string_view digits = token.spelling;
  if (token.kind != TokenKind::Number || !digits.starts_with("0x") || digits.size() % 2 != 0) {
    return std::nullopt;
  }
  digits.remove_prefix(2);
  const auto valueOf = [](char digit) {
    if (digit >= 'a') return digit - 'a' + 10;
    return digit >= 'A' ? digit - 'A' + 10 : digit - '0';
  };
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int value = valueOf(digits[i]) * 16 + valueOf(digits[i + 1]);
    if (value < 0 || value > 255) return std::nullopt;  // a unit stands behind the digits
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

std::string_view hintForForeignWord(std::string_view word) {
  const auto row = std::ranges::find(kForeignWords, word, &ForeignWord::word);
  return row == kForeignWords.end() ? std::string_view{} : row->hint;
}

std::string_view ownerOfValue(std::string_view word) {
  for (const Cid cid : kNamedCids) {
    if (cidName(cid) == word) return "cid";
  }
  for (const PrimitiveRow& row : primitiveTable()) {
    if (!wordsOf(row.kind).empty() && findWord(wordsOf(row.kind), word) != nullptr) return row.word;
  }
  return {};
}

}  // namespace vsdump::filter
