// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/http2.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "dissector/payload/cursor.h"
#include "dissector/payload/hpack.h"
#include "dissector/payload/http2_fields.h"
#include "dissector/payload/http2_frame.h"
#include "dissector/payload/kata.h"
#include "dissector/payload/ttrpc.h"

namespace vsdump::payload {

namespace http2 {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Servers begin with SETTINGS, and may be first.
Verdict beginsSettings(Bytes bytes) {
  if (bytes.size() < kHeaderBytes) return Verdict::NeedMore;
  const FrameHeader header = headerOf(bytes);
  return header.type == kSettings && header.isLikely() && header.flags == 0 ? Verdict::NeedMore
                                                                            : Verdict::No;
}

Verdict recognise(const Opening& opening) {
  for (const Direction d : {Direction::ToServer, Direction::ToClient}) {
    const std::string_view text = textOf(opening.way(d));
    if (text.empty()) continue;
    if (text.starts_with(kPreface)) return Verdict::Yes;
    const Bytes other = opening.way(opposite(d));
    const bool mayFollow = other.empty() || beginsSettings(other) == Verdict::NeedMore;
    if (kPreface.starts_with(text) && mayFollow) return Verdict::NeedMore;
    if (other.empty() && text.front() == '\0' && opening.facts.isFromStart) {
      return beginsSettings(opening.way(d));
    }
  }
  return Verdict::No;
}

class Http2Decoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (context.cut == Cut::End) return Taken::nothing();
    if (!std::exchange(hasLookedBack_, true)) takeOver(context);
    Way& way = ways_[index(d)];
    if (std::exchange(way.hasBegun, true) == false) {
      const std::string_view text = textOf(bytes);
      if (text.starts_with(kPreface)) {
        client_ = d;
        return Taken::some(kPreface.size());
      }
      if (kPreface.starts_with(text)) {
        way.hasBegun = false;
        return Taken::nothing(kPreface.size());
      }
    }
    if (way.dataLeft != 0) return onData(d, bytes, context);
    if (std::exchange(way.isAtEnd, false)) finish(way.dataStream, context);
    if (bytes.size() < kHeaderBytes) return Taken::nothing(kHeaderBytes);
    const FrameHeader header = headerOf(bytes);
    if (!header.isLikely() || (way.blockStream != 0 && header.type != kContinuation)) {
      return Taken::resync();
    }
    if (header.type == kData) return onDataHeader(d, header, bytes, context);
    const std::size_t whole = kHeaderBytes + header.length;
    if (!isRead(header.type)) return Taken::some(kHeaderBytes, header.length);
    if (bytes.size() < whole && context.cut == Cut::No) return Taken::nothing(whole);
    const Bytes body = upTo(bytes.subspan(kHeaderBytes), header.length);
    onFrame(d, header, body, context);
    return Taken::some(kHeaderBytes + body.size(), header.length - body.size());
  }

  void lost(Direction d, Context&) override {
    ways_[index(d)] = {};
    ways_[index(d)].hasBegun = true;
  }

  bool mayBegin(Direction d, Bytes bytes) const override {
    if (bytes.size() < kHeaderBytes) return false;
    const FrameHeader header = headerOf(bytes);
    constexpr std::uint32_t kUsualLength = 16384;
    if (!header.isLikely() || header.type >= kContinuation || header.length > kUsualLength) {
      return false;
    }
    if (header.type == kData || (header.type == kHeaders && d != client_)) {
      return streams_.contains(header.stream);
    }
    return header.type != kHeaders || header.stream % 2 == 1;
  }

 private:
  static constexpr std::size_t kMostStreams = 1024;
  struct Way {
    HpackReader hpack{};
    Http2Fields fields{};           ///< of the block that has begun
    std::uint32_t blockStream = 0;  ///< whose block has begun; 0 for none
    bool blockEndsStream = false;
    bool isPromise = false;
    bool hasBegun = false;
    std::uint32_t dataStream = 0;
    std::uint32_t dataLeft = 0;  ///< of the DATA frame that has begun, without padding
    std::uint32_t padding = 0;
    bool dataEndsStream = false;
    bool isAtEnd = false;  ///< a stream ends where what is skipped has passed
  };
  /// What goes one way on a stream.
  struct Half {
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;     ///< of gRPC
    std::uint64_t messageLeft = 0;  ///< of the gRPC message that has begun
  };
  struct OpenStream {
    std::string method;
    bool isGrpc = false;
    bool isKata = false;
    bool hasResponse = false;
    std::array<Half, 2> halves{};
    Http2Fields response{};
  };

  /// Nothing was asked here yet: what waits was asked before the upgrade from HTTP/1.1.
  void takeOver(Context& context) {
    const Message* const request = context.asked(kUpgradedStream);
    if (request == nullptr) return;
    client_ = request->direction;
    streams_[kUpgradedStream].method = request->call;
  }

  static bool isRead(std::uint8_t type) {
    return type == kHeaders || type == kPush || type == kContinuation || type == kReset ||
           type == kGoAway;
  }

  void onFrame(Direction d, const FrameHeader& header, Bytes body, Context& context) {
    const bool isWhole = body.size() == header.length;
    switch (header.type) {
      case kHeaders:
      case kPush:
      case kContinuation:
        return onFields(d, header, body, context);
      case kReset:
        if (isWhole) onReset(header.stream, Cursor(body).u32(), context);
        return;
      default:
        return onGoAway(d, body, context);
    }
  }

  /// A piece of a header block.
  void onFields(Direction d, const FrameHeader& header, Bytes body, Context& context) {
    Way& way = ways_[index(d)];
    Cursor cursor(body);
    std::size_t padding = 0;
    if (header.type == kContinuation) {
      if (way.blockStream != header.stream) return way.hpack.reset();
    } else {
      if (header.has(kPadded)) padding = cursor.u8();
      if (header.type == kPush) cursor.u32();
      if (header.type == kHeaders && header.has(kHasPriority)) cursor.bytes(5);
      way.fields = {};
      way.blockStream = header.stream;
      way.blockEndsStream = header.type == kHeaders && header.has(kEndStream);
      way.isPromise = header.type == kPush;
    }
    Bytes piece = cursor.rest();
    const bool isWhole = body.size() == header.length && cursor.isOk() && padding <= piece.size();
    if (isWhole) piece = piece.first(piece.size() - padding);
    const bool isLast = header.has(kEndHeaders);
    const bool isKnown = way.hpack.read(
        piece, isLast && isWhole, [&](auto name, auto value) { way.fields.take(name, value); });
    if (!isWhole) way.hpack.reset();
    way.fields.isWhole = way.fields.isWhole && isKnown && isWhole;
    if (!isLast) return;
    way.blockStream = 0;
    if (!way.isPromise) onBlock(d, header.stream, std::exchange(way.fields, {}), context);
  }

  void onBlock(Direction d, std::uint32_t id, Http2Fields fields, Context& context) {
    const bool ends = ways_[index(d)].blockEndsStream;
    const auto found = streams_.find(id);
    if (d == client_) {
      if (found == streams_.end() && id % 2 == 1) onRequest(d, id, fields, context);
      return;
    }
    if (found == streams_.end()) return;
    const bool isInterim = fields.status && *fields.status < 200 && !ends;
    if (isInterim) return;
    OpenStream& stream = found->second;
    if (!stream.hasResponse) {
      stream.hasResponse = true;
      stream.response = std::move(fields);
    } else {
      stream.response.grpcStatus = fields.grpcStatus;
      stream.response.grpcMessage = std::move(fields.grpcMessage);
      stream.response.isWhole = fields.isWhole;
    }
    if (ends) finish(id, context);
  }

  void onRequest(Direction d, std::uint32_t id, const Http2Fields& fields, Context& context) {
    if (streams_.size() >= kMostStreams) streams_.erase(streams_.begin());
    OpenStream& stream = streams_[id];
    const GrpcPath path = grpcPathOf(fields.path);
    stream.isGrpc = fields.isGrpc() && !path.method.empty();
    stream.isKata = stream.isGrpc && isKataService(path.service);
    const std::string unknown = fields.isWhole ? "" : "?";
    stream.method = stream.isGrpc ? std::string(path.method) : fields.method;
    if (stream.method.empty()) stream.method = "?";
    Message message = context.message(stream.isKata   ? "kata"
                                      : stream.isGrpc ? "grpc"
                                                      : "http2",
                                      d, stream.method);
    if (!fields.isWhole) message.isCut = true;
    if (!stream.isGrpc) {
      message.details.text("target", fields.path.empty() ? unknown : fields.path);
      message.details.text("host", fields.authority);
    } else if (!stream.isKata || path.service == "grpc.Health") {
      message.details.text("service", path.service);
    }
    message.details.text("timeout", fields.grpcTimeout);
    message.isLongPoll = stream.isKata && isKataLongPoll(path.method);
    context.ask(id, std::move(message));
  }

  Taken onDataHeader(Direction d, const FrameHeader& header, Bytes bytes, Context& context) {
    const std::size_t headerBytes = kHeaderBytes + (header.has(kPadded) ? 1 : 0);
    if (bytes.size() < headerBytes) {
      return context.cut == Cut::No ? Taken::nothing(headerBytes) : Taken::resync();
    }
    const std::uint32_t padding =
        header.has(kPadded) ? std::to_integer<std::uint32_t>(bytes[kHeaderBytes]) : 0;
    const auto before = static_cast<std::uint32_t>(headerBytes - kHeaderBytes) + padding;
    if (before > header.length) return Taken::resync();
    Way& way = ways_[index(d)];
    way.dataStream = header.stream;
    way.dataLeft = header.length - before;
    way.padding = padding;
    way.dataEndsStream = header.has(kEndStream);
    const auto found = streams_.find(header.stream);
    if (found != streams_.end()) found->second.halves[index(d)].bytes += way.dataLeft;
    if (way.dataLeft == 0 || found == streams_.end() || !found->second.isGrpc) {
      const std::uint64_t skip = std::uint64_t{way.dataLeft} + padding;
      way.dataLeft = 0;
      endData(d, skip, context);
      return Taken::some(headerBytes, skip);
    }
    return Taken::some(headerBytes);
  }

  /// Inside a DATA frame of a gRPC stream: messages, each with five bytes before it.
  Taken onData(Direction d, Bytes bytes, Context& context) {
    constexpr std::size_t kPrefixBytes = 5;
    constexpr std::uint32_t kEnoughOfBody = 4096;
    Way& way = ways_[index(d)];
    const auto found = streams_.find(way.dataStream);
    if (found == streams_.end()) return skipData(d, way.dataLeft, 0, context);
    Half& half = found->second.halves[index(d)];
    if (half.messageLeft != 0) {
      const auto passed =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(half.messageLeft, way.dataLeft));
      half.messageLeft -= passed;
      return skipData(d, passed, 0, context);
    }
    // A prefix that lies in two frames is rare, and costs the count of messages only.
    if (way.dataLeft < kPrefixBytes) return skipData(d, way.dataLeft, 0, context);
    if (bytes.size() < kPrefixBytes) {
      return context.cut == Cut::No ? Taken::nothing(kPrefixBytes)
                                    : skipData(d, way.dataLeft, 0, context);
    }
    Cursor cursor(bytes);
    const bool isCompressed = cursor.u8() != 0;
    const std::uint64_t length = cursor.u32();
    const std::uint32_t here = way.dataLeft - static_cast<std::uint32_t>(kPrefixBytes);
    const auto inFrame = static_cast<std::uint32_t>(std::min<std::uint64_t>(length, here));
    if (found->second.isKata && !isCompressed && half.messages == 0) {
      const std::size_t wanted = kPrefixBytes + std::min(inFrame, kEnoughOfBody);
      if (bytes.size() < wanted && context.cut == Cut::No) return Taken::nothing(wanted);
      putKata(d, found->second, upTo(cursor.rest(), std::min(inFrame, kEnoughOfBody)), context);
    }
    ++half.messages;
    half.messageLeft = length - inFrame;
    return skipData(d, static_cast<std::uint32_t>(kPrefixBytes) + inFrame, kPrefixBytes, context);
  }

  /// Passes `count` bytes of the frame, of which `consumed` are at hand.
  Taken skipData(Direction d, std::uint32_t count, std::size_t consumed, Context& context) {
    Way& way = ways_[index(d)];
    way.dataLeft -= count;
    std::uint64_t skip = count - consumed;
    if (way.dataLeft == 0) {
      skip += way.padding;
      endData(d, skip, context);
    }
    return Taken::some(consumed, skip);
  }

  void putKata(Direction d, const OpenStream& stream, Bytes body, Context& context) {
    Message* const message = context.asked(ways_[index(d)].dataStream);
    if (message == nullptr) return;
    const bool isReply = d != client_;
    putKataFields(isReply ? message->reply : message->details, stream.method, isReply, body,
                  context.showsSecrets());
  }

  /// A DATA frame ends, `skip` bytes from here.
  void endData(Direction d, std::uint64_t skip, Context& context) {
    Way& way = ways_[index(d)];
    if (!std::exchange(way.dataEndsStream, false) || d == client_) return;
    way.isAtEnd = skip != 0;
    if (skip == 0) finish(way.dataStream, context);
  }

  /// The response is complete.
  void finish(std::uint32_t id, Context& context) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    const OpenStream stream = std::move(found->second);
    streams_.erase(found);
    const Http2Fields& response = stream.response;
    Message* const message = context.asked(id);
    if (message == nullptr) return;
    const Half& sent = stream.halves[index(client_)];
    const Half& received = stream.halves[index(opposite(client_))];
    if (!stream.isGrpc) {
      if (response.status) message->reply.number("status", *response.status);
      message->reply.text("type", response.contentType);
      if (received.bytes != 0) message->reply.number("bytes", received.bytes);
      if (!response.status) return context.answer(id, Outcome::Unknown, {});
      const bool isError = *response.status >= 400;
      return context.answer(id, isError ? Outcome::Error : Outcome::Ok, {});
    }
    // A call with one message each way is as good as any; more than that is a stream.
    if (sent.messages > 1 || received.messages > 1) {
      message->isLongPoll = true;
      message->reply.number("messages_sent", sent.messages);
      message->reply.number("messages_received", received.messages);
    }
    if (response.grpcStatus == 0U) return context.answer(id, Outcome::Ok, {});
    if (response.grpcStatus) {
      return context.answer(id, Outcome::Error,
                            rpcErrorText(*response.grpcStatus, response.grpcMessage));
    }
    if (!response.isWhole) return context.answer(id, Outcome::Unknown, {});
    context.answer(id, Outcome::Error,
                   "no gRPC status, HTTP status " + std::to_string(response.status.value_or(0)));
  }

  void onReset(std::uint32_t id, std::uint32_t code, Context& context) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    streams_.erase(found);
    context.answer(id, Outcome::Error, "reset: " + http2ErrorName(code));
  }

  static void onGoAway(Direction d, Bytes body, Context& context) {
    Cursor cursor(body);
    const std::uint32_t last = cursor.u32() & 0x7FFFFFFF;
    const std::uint32_t code = cursor.u32();
    if (!cursor.isOk()) return;
    Message message = context.message("http2", d, "GOAWAY");
    message.details.number("last_stream", last);
    if (code != 0) {
      message.outcome = Outcome::Error;
      message.error = http2ErrorName(code);
      const std::string_view why = textOf(cursor.rest());
      if (!why.empty()) message.error += ": " + shortened(why);
    }
    context.tell(std::move(message));
  }

  std::array<Way, 2> ways_;
  std::map<std::uint32_t, OpenStream> streams_;
  bool hasLookedBack_ = false;
  Direction client_ = Direction::ToServer;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<Http2Decoder>();
}

}  // namespace
}  // namespace http2

const Protocol kHttp2{"http2", "HTTP/2 without TLS, and gRPC", http2::recognise, http2::make,
                      "grpc"};

}  // namespace vsdump::payload
