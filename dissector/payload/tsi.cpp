// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/tsi.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "dissector/names/cid_names.h"
#include "dissector/payload/announcements.h"
#include "dissector/payload/cursor.h"

namespace vsdump::payload {

namespace {
namespace tsi {

constexpr std::uint64_t kKey = 0;

/// What a request is, by its port.
struct Kind {
  std::uint32_t port;
  std::string_view call;
  std::size_t bytes3;  ///< in version 3
  std::size_t bytes2;  ///< in version 2
  bool hasReply;
};

constexpr std::uint32_t kCreate = 1024;
constexpr std::uint32_t kConnect = 1025;
constexpr std::uint32_t kGetName = 1026;
constexpr std::uint32_t kSendToAddress = 1027;
constexpr std::uint32_t kListen = 1029;
constexpr std::uint32_t kAccept = 1030;
constexpr std::uint32_t kRelease = 1031;

/// SENDTO_DATA (1028) has no shape of its own: it is somebody's datagram.
constexpr auto kKinds = std::to_array<Kind>({{kCreate, "CREATE", 8, 6, false},
                                             {kConnect, "CONNECT", 136, 10, true},
                                             {kGetName, "GETNAME", 12, 12, true},
                                             {kSendToAddress, "SENDTO_ADDR", 136, 10, false},
                                             {kListen, "LISTEN", 144, 18, true},
                                             {kAccept, "ACCEPT", 8, 8, true},
                                             {kRelease, "RELEASE", 8, 8, false}});

const Kind* kindOf(const StreamFacts& facts) {
  if (facts.type != VirtioType::Dgram || facts.server.cid != kCidHost) return nullptr;
  const auto found = std::ranges::find(kKinds, raw(facts.server.port), &Kind::port);
  return found == kKinds.end() ? nullptr : &*found;
}

/// Where the host, which has slept, tells the guest what time it is.
/// **Source** libkrun src/devices/src/virtio/vsock/timesync.rs.
bool isTimesync(const StreamFacts& facts) {
  constexpr Port kPort{123};
  return facts.type == VirtioType::Dgram && facts.client == Address{kCidHost, kPort} &&
         facts.server.port == kPort;
}

/// Nanoseconds since 1970; nothing where they are none of the years that a host may be in.
std::optional<std::uint64_t> timeIn(Bytes bytes) {
  constexpr std::uint64_t kYearNs = std::uint64_t{31'556'952} * 1'000'000'000;
  Cursor cursor(bytes);
  const std::uint64_t time = cursor.u64le();
  return time / kYearNs >= 40 && time / kYearNs < 200 ? std::optional(time) : std::nullopt;
}

Verdict recognise(const Opening& opening) {
  const std::size_t size = opening.toServer.size();
  if (isTimesync(opening.facts)) return timeIn(opening.toServer) ? Verdict::Yes : Verdict::No;
  const Kind* kind = kindOf(opening.facts);
  return kind != nullptr && (size == kind->bytes3 || size == kind->bytes2) ? Verdict::Yes
                                                                           : Verdict::No;
}

std::string ipv4Text(Bytes address) {
  std::string text;
  for (const std::byte byte : address) {
    if (!text.empty()) text += '.';
    text += std::to_string(std::to_integer<unsigned>(byte));
  }
  return text;
}

/// All eight groups, without the "::" that may stand for zeroes.
std::string ipv6Text(Bytes address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "[";
  Cursor cursor(address);
  for (int i = 0; i < 8; ++i) {
    const std::uint16_t group = cursor.u16();
    if (i != 0) text += ':';
    bool hasBegun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const std::uint16_t digit = group >> shift & 0xF;
      hasBegun = hasBegun || digit != 0 || shift == 0;
      if (hasBegun) text += kDigits[digit];
    }
  }
  return text + ']';
}

/// A Linux sockaddr of `length` bytes; empty where it is none.
std::string socketAddressText(Bytes bytes, std::size_t length) {
  constexpr std::uint16_t kUnix = 1;
  constexpr std::uint16_t kInet = 2;
  constexpr std::uint16_t kInet6 = 10;
  Cursor cursor(upTo(bytes, length));
  const std::uint16_t family = cursor.u16le();
  std::string text;
  if (family == kUnix) {
    const std::string_view path = textOf(cursor.rest());
    return std::string(path.substr(0, path.find('\0')));
  }
  const std::string port = std::to_string(cursor.u16());
  if (family == kInet) text = ipv4Text(cursor.bytes(4));
  if (family == kInet6) {
    cursor.u32();  // flow
    const Bytes address = cursor.bytes(16);
    if (cursor.isOk()) text = ipv6Text(address);
  }
  return cursor.isOk() && !text.empty() ? text + ':' + port : std::string{};
}

/// Linux errno numbers that the host answers with.
std::string errnoText(std::int32_t result) {
  struct Name {
    std::int32_t number;
    std::string_view name;
  };
  constexpr auto kNames = std::to_array<Name>({{1, "EPERM"},
                                               {2, "ENOENT"},
                                               {11, "EWOULDBLOCK"},
                                               {13, "EACCES"},
                                               {22, "EINVAL"},
                                               {97, "EAFNOSUPPORT"},
                                               {98, "EADDRINUSE"},
                                               {99, "EADDRNOTAVAIL"},
                                               {101, "ENETUNREACH"},
                                               {104, "ECONNRESET"},
                                               {107, "ENOTCONN"},
                                               {110, "ETIMEDOUT"},
                                               {111, "ECONNREFUSED"},
                                               {113, "EHOSTUNREACH"},
                                               {115, "EINPROGRESS"}});
  const auto found = std::ranges::find(kNames, -std::int64_t{result}, &Name::number);
  return found == kNames.end() ? "result " + std::to_string(result) : std::string(found->name);
}

/// Which guests speak version 2, by the source of the capture: the sizes of most requests tell.
struct Versions : Shared {
  std::map<std::pair<std::uint32_t, Cid>, bool> areTwo;
  static constexpr std::size_t kMost = 4096;
};

class TimesyncDecoder final : public Decoder {
 public:
  /// Behind the time is what else was in the host's buffer.
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (bytes.empty()) return Taken::nothing();
    const std::optional<std::uint64_t> time = timeIn(bytes);
    if (!time || d != Direction::ToServer) return Taken::giveUp();
    Message message = context.message("tsi", d, "timesync");
    message.details.number("unix_ns", *time);
    context.tell(std::move(message));
    return Taken::some(bytes.size());
  }

  bool mayBegin(Direction, Bytes) const override { return true; }
};

class TsiDecoder final : public Decoder {
 public:
  explicit TsiDecoder(const StreamFacts& facts) : kind_(kindOf(facts)) {}

  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (kind_ == nullptr) return Taken::giveUp();
    if (bytes.empty()) return Taken::nothing();
    // Of a datagram that is cut short the version cannot be told.
    const bool isWhole = context.endsMessage && context.cut == Cut::No;
    if (!isWhole && context.cut == Cut::No) return Taken::nothing();
    if (d == Direction::ToClient) {
      onReply(bytes, context);
    } else if (isWhole && (bytes.size() == kind_->bytes3 || bytes.size() == kind_->bytes2)) {
      onRequest(bytes, context);
    }
    return Taken::some(bytes.size());
  }

  bool mayBegin(Direction, Bytes) const override { return true; }

 private:
  void onRequest(Bytes bytes, Context& context) {
    isVersion2_ = kind_->bytes3 != kind_->bytes2 && bytes.size() == kind_->bytes2;
    if (kind_->bytes3 != kind_->bytes2) {
      auto& areTwo = context.shared<Versions>().areTwo;
      if (areTwo.size() >= Versions::kMost) areTwo.clear();
      areTwo[guestOf(context.facts())] = isVersion2_;
    }
    Message message = context.message("tsi", Direction::ToServer, std::string(kind_->call));
    message.isLongPoll = kind_->port == kAccept;
    Cursor cursor(bytes);
    message.details.number("socket", cursor.u32le());
    switch (kind_->port) {
      case kCreate:
        putCreate(cursor, message.details);
        break;
      case kGetName:
      case kRelease:
        message.details.number("peer_port", cursor.u32le());
        break;
      case kConnect:
      case kSendToAddress:
        putAddress(cursor, message.details);
        break;
      case kListen:
        putListen(cursor, message.details);
        break;
      default:
        break;
    }
    announce(message.details, context);
    kind_->hasReply ? context.ask(kKey, std::move(message)) : context.tell(std::move(message));
  }

  /// Says of the connections that will carry the socket's data which address they stand for.
  void announce(const Details& details, Context& context) const {
    constexpr Port kStreams{620};
    constexpr Port kDatagrams{1028};
    const StreamFacts& facts = context.facts();
    const Port socket{static_cast<std::uint32_t>(details.numberOf("socket"))};
    const Announcements::End end{facts.source, VirtioType::Stream, {facts.client.cid, socket}};
    Announcements::End datagrams = end;
    datagrams.type = VirtioType::Dgram;
    auto& announcements = context.shared<Announcements>();
    if (kind_->port == kRelease) {
      announcements.remove(end);
      announcements.remove(datagrams);
      return;
    }
    const std::string address(details.textOf("address"));
    if (address.empty()) return;
    Announcements::Announcement announcement{.protocol = "tsi", .standsFor = address};
    announcement.details.text("address", address);
    announcement.call = "stream";
    if (kind_->port == kListen) {
      const Port port{static_cast<std::uint32_t>(details.numberOf("vm_port"))};
      announcements.add({facts.source, VirtioType::Stream, {facts.client.cid, port}, true},
                        std::move(announcement));
      return;
    }
    if (kind_->port == kConnect) {
      announcement.peerPort = kStreams;
      announcements.add(end, announcement);
    }
    announcement.call = "datagrams";
    announcement.peerPort = kind_->port == kConnect ? socket : kDatagrams;
    announcements.add(datagrams, std::move(announcement));
  }

  void putCreate(Cursor& cursor, Details& details) const {
    constexpr std::uint16_t kStream = 1;
    constexpr std::uint16_t kDatagram = 2;
    if (!isVersion2_) {
      const std::uint16_t family = cursor.u16le();
      details.text("family", family == 1    ? "unix"
                             : family == 2  ? "inet"
                             : family == 10 ? "inet6"
                                            : std::to_string(family));
    }
    const std::uint16_t type = cursor.u16le();
    details.text("type", type == kStream     ? "stream"
                         : type == kDatagram ? "dgram"
                                             : std::to_string(type));
  }

  void putAddress(Cursor& cursor, Details& details) const {
    if (isVersion2_) {
      const std::string address = ipv4Text(cursor.bytes(4));
      return details.text("address", address + ':' + std::to_string(cursor.u16()));
    }
    const std::uint32_t length = cursor.u32le();
    details.text("address", socketAddressText(cursor.rest(), length));
  }

  void putListen(Cursor& cursor, Details& details) const {
    if (isVersion2_) {
      putAddress(cursor, details);
      details.number("vm_port", cursor.u32le());
      details.number("backlog", cursor.u32le());
      return;
    }
    details.number("vm_port", cursor.u32le());
    details.number("backlog", cursor.u32le());
    putAddress(cursor, details);
  }

  /// Behind the reply is what else was in the host's buffer: nothing of it is read.
  void onReply(Bytes bytes, Context& context) {
    Message* message = context.asked(kKey);
    if (message == nullptr) return;
    Cursor cursor(bytes);
    const auto& areTwo = context.shared<Versions>().areTwo;
    const auto version = areTwo.find(guestOf(context.facts()));
    if (kind_->port == kGetName && version != areTwo.end() && version->second) {
      // Without a result: what it was that failed, no reply of version 2 says.
      const std::string host = ipv4Text(cursor.bytes(4));
      const std::uint16_t port = cursor.u16();
      const std::string address = host + ':' + std::to_string(port);
      if (cursor.isOk()) message->reply.text("address", address);
      return context.answer(kKey, cursor.isOk() ? Outcome::Ok : Outcome::Unknown, {});
    }
    const auto result = static_cast<std::int32_t>(cursor.u32le());
    if (!cursor.isOk()) return context.answer(kKey, Outcome::Unknown, {});
    if (kind_->port == kGetName) {
      // Where nothing has told that it is version 2, this may be such an address.
      const std::uint32_t length = cursor.u32le();
      const std::string address = socketAddressText(cursor.rest(), length);
      if (result > 0 || result < kLeastResult || (result == 0 && address.empty())) {
        return context.answer(kKey, Outcome::Unknown, {});
      }
      message->reply.text("address", address);
    }
    const Outcome outcome = result == 0 ? Outcome::Ok : Outcome::Error;
    context.answer(kKey, outcome, result == 0 ? std::string{} : errnoText(result));
  }

  static std::pair<std::uint32_t, Cid> guestOf(const StreamFacts& facts) {
    return {facts.source, facts.client.cid};
  }

  static constexpr std::int32_t kLeastResult = -4095;

  const Kind* kind_;
  bool isVersion2_ = false;
};

std::unique_ptr<Decoder> make(const StreamFacts& facts) {
  if (isTimesync(facts)) return std::make_unique<TimesyncDecoder>();
  return std::make_unique<TsiDecoder>(facts);
}

}  // namespace tsi
}  // namespace

const Protocol kTsi{"tsi", "control messages of libkrun's TSI", tsi::recognise, tsi::make};

}  // namespace vsdump::payload
