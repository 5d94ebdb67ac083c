// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/ttrpc.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include "dissector/payload/cursor.h"
#include "dissector/payload/kata.h"
#include "dissector/payload/protobuf.h"

namespace vsdump::payload {

namespace {
namespace ttrpc {

constexpr std::size_t kHeaderBytes = 10;
constexpr std::uint32_t kLongestData = 4U << 20;
constexpr std::uint8_t kRequest = 1;
constexpr std::uint8_t kResponse = 2;
constexpr std::uint8_t kData = 3;
constexpr std::uint8_t kRemoteClosed = 1;
constexpr std::uint8_t kRemoteOpen = 2;
constexpr std::uint8_t kNoData = 4;

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint32_t stream = 0;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;

  bool isLikely() const {
    const auto known = static_cast<std::uint8_t>(kRemoteClosed | kRemoteOpen | kNoData);
    return length <= kLongestData && stream != 0 && type >= kRequest && type <= kData &&
           (flags & ~known) == 0 && !(type == kResponse && flags != 0);
  }
};

FrameHeader headerOf(Bytes bytes) {
  Cursor cursor(bytes);
  FrameHeader header;
  header.length = cursor.u32();
  header.stream = cursor.u32();
  header.type = cursor.u8();
  header.flags = cursor.u8();
  return header;
}

/// A Request's data begins with the name of a service: field 1, its length, letters and dots.
Verdict beginsRequest(Bytes data) {
  constexpr std::size_t kLongestService = 120;
  Cursor cursor(data);
  if (data.empty()) return Verdict::NeedMore;
  if (cursor.u8() != 0x0A) return Verdict::No;
  if (data.size() < 2) return Verdict::NeedMore;
  const std::size_t length = cursor.u8();
  if (length == 0 || length > kLongestService) return Verdict::No;
  const auto isOfName = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_';
  };
  if (!std::ranges::all_of(textOf(upTo(cursor.rest(), length)), isOfName)) return Verdict::No;
  return cursor.rest().size() < length ? Verdict::NeedMore : Verdict::Yes;
}

Verdict recogniseWay(Bytes bytes) {
  if (bytes.empty()) return Verdict::No;
  if (bytes[0] != std::byte{0}) return Verdict::No;
  if (bytes.size() < kHeaderBytes) return Verdict::NeedMore;
  const FrameHeader header = headerOf(bytes);
  // Streams of clients have odd numbers.
  if (!header.isLikely() || header.type != kRequest || header.stream % 2 == 0) return Verdict::No;
  return beginsRequest(upTo(bytes.subspan(kHeaderBytes), header.length));
}

Verdict recognise(const Opening& opening) {
  const Verdict toServer = recogniseWay(opening.toServer);
  return toServer != Verdict::No ? toServer : recogniseWay(opening.toClient);
}

/// What a Request's fields say.
struct Call {
  std::string service;
  std::string method;
  Bytes payload{};
  std::uint64_t timeoutNs = 0;
};

Call callOf(Bytes data) {
  Call call;
  ProtobufReader reader(data);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->isBytes) call.service = shortened(textOf(field->bytes));
    if (field->number == 2 && field->isBytes) call.method = shortened(textOf(field->bytes));
    if (field->number == 3 && field->isBytes) call.payload = field->bytes;
    if (field->number == 4 && !field->isBytes) call.timeoutNs = field->value;
  }
  return call;
}

class TtrpcDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (bytes.size() < kHeaderBytes) return Taken::nothing(kHeaderBytes);
    const FrameHeader header = headerOf(bytes);
    if (!header.isLikely()) return Taken::resync();
    const std::size_t whole = kHeaderBytes + header.length;
    if (bytes.size() < whole && context.cut == Cut::No) return Taken::nothing(whole);
    const Bytes data = upTo(bytes.subspan(kHeaderBytes), header.length);
    switch (header.type) {
      case kRequest:
        onRequest(d, header, data, context);
        break;
      case kResponse:
        onResponse(d, header, data, context);
        break;
      default:
        onData(d, header, context);
        break;
    }
    return Taken::some(kHeaderBytes + data.size(), header.length - data.size());
  }

  bool mayBegin(Direction, Bytes bytes) const override {
    if (bytes.size() < kHeaderBytes) return false;
    const FrameHeader header = headerOf(bytes);
    if (!header.isLikely()) return false;
    const Bytes data = bytes.subspan(kHeaderBytes);
    if (header.type == kRequest) return beginsRequest(data) == Verdict::Yes;
    // An answer to a call that was seen.
    return streams_.contains(header.stream);
  }

  void lost(Direction, Context&) override {
    if (streams_.size() > kMostStreams) streams_.clear();
  }

 private:
  static constexpr std::size_t kMostStreams = 4096;
  struct OpenStream {
    std::string method;
    Direction direction;  ///< of the Request
    bool isKata = false;
    bool isStreaming = false;
    std::array<std::uint64_t, 2> messages{};
  };

  void onRequest(Direction d, const FrameHeader& header, Bytes data, Context& context) {
    const Call call = callOf(data);
    const bool isKata = isKataService(call.service);
    Message message =
        context.message(isKata ? "kata" : "ttrpc", d, call.method.empty() ? "?" : call.method);
    if (!isKata || call.service == "grpc.Health") message.details.text("service", call.service);
    if (isKata) {
      putKataFields(message.details, call.method, false, call.payload, context.showsSecrets());
      message.isLongPoll = isKataLongPoll(call.method);
      const StreamFacts& facts = context.facts();
      const Cid caller = d == Direction::ToServer ? facts.client.cid : facts.server.cid;
      announceKataStreams(context.shared<Announcements>(), facts.source, caller, message.details);
    }
    if (call.timeoutNs != 0) message.details.number("timeout_ns", call.timeoutNs);
    if (streams_.size() >= kMostStreams) streams_.clear();
    OpenStream& stream = streams_[header.stream] =
        OpenStream{.method = call.method, .direction = d};
    stream.isKata = isKata;
    stream.isStreaming = (header.flags & (kRemoteClosed | kRemoteOpen)) != 0;
    // A stream's latency is that of its contents.
    if (stream.isStreaming) message.isLongPoll = true;
    context.ask(header.stream, std::move(message));
  }

  void onResponse(Direction d, const FrameHeader& header, Bytes data, Context& context) {
    const auto found = streams_.find(header.stream);
    if (found == streams_.end() || found->second.direction == d) return;
    std::uint64_t code = 0;
    std::string text;
    Bytes payload;
    ProtobufReader reader(data);
    while (const auto field = reader.next()) {
      if (field->number == 2 && field->isBytes) payload = field->bytes;
      if (field->number != 1 || !field->isBytes) continue;
      ProtobufReader status(field->bytes);
      while (const auto part = status.next()) {
        if (part->number == 1 && !part->isBytes) code = part->value;
        if (part->number == 2 && part->isBytes) text = textOf(part->bytes);
      }
    }
    if (Message* message = context.asked(header.stream)) {
      if (found->second.isKata && code == 0) {
        putKataFields(message->reply, found->second.method, true, payload, context.showsSecrets());
      }
      putCounts(*message, found->second);
    }
    streams_.erase(found);
    // Only a whole body tells that there was no status in it.
    const bool isUnsure = data.size() < header.length && code == 0;
    context.answer(header.stream,
                   code != 0  ? Outcome::Error
                   : isUnsure ? Outcome::Unknown
                              : Outcome::Ok,
                   code != 0 ? rpcErrorText(code, text) : std::string{});
  }

  void onData(Direction d, const FrameHeader& header, Context& context) {
    const auto found = streams_.find(header.stream);
    if (found == streams_.end()) return;
    if ((header.flags & kNoData) == 0) ++found->second.messages[index(d)];
    if ((header.flags & kRemoteClosed) == 0 || found->second.direction == d) return;
    if (Message* message = context.asked(header.stream)) putCounts(*message, found->second);
    streams_.erase(found);
    context.answer(header.stream, Outcome::Ok, {});
  }

  static void putCounts(Message& message, const OpenStream& stream) {
    if (!stream.isStreaming) return;
    message.reply.number("messages_sent", stream.messages[index(stream.direction)]);
    message.reply.number("messages_received", stream.messages[index(opposite(stream.direction))]);
  }

  std::map<std::uint32_t, OpenStream> streams_;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<TtrpcDecoder>();
}

}  // namespace ttrpc
}  // namespace

const Protocol kTtrpc{"ttrpc", "ttRPC, with the calls of Kata Containers' agent", ttrpc::recognise,
                      ttrpc::make, "kata"};

std::string_view rpcCodeName(std::uint64_t code) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
       "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
       "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
       "UNAUTHENTICATED"});
  return code < kNames.size() ? kNames[code] : std::string_view{};
}

std::string rpcErrorText(std::uint64_t code, std::string_view message) {
  const std::string_view name = rpcCodeName(code);
  std::string text = name.empty() ? "code " + std::to_string(code) : std::string(name);
  if (!message.empty()) text += ": " + shortened(message);
  return text;
}

}  // namespace vsdump::payload
