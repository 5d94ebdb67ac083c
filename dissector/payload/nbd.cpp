// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/nbd.h"

#include <algorithm>
#include <map>
#include <string>

#include "dissector/payload/cursor.h"
#include "dissector/payload/nbd_names.h"

namespace vsdump::payload {

namespace {
namespace nbd {

constexpr std::uint64_t kGreeting = 0x4E42444D41474943;  // "NBDMAGIC"
constexpr std::uint64_t kOption = 0x49484156454F5054;    // "IHAVEOPT"
constexpr std::uint64_t kOldGreeting = 0x0000420281861253;
constexpr std::uint64_t kOptionReply = 0x0003E889045565A9;
constexpr std::uint32_t kRequest = 0x25609513;
constexpr std::uint32_t kSimpleReply = 0x67446698;
constexpr std::uint32_t kChunk = 0x668E33EF;

constexpr std::size_t kRequestBytes = 28;
constexpr std::size_t kSimpleReplyBytes = 16;
constexpr std::size_t kChunkBytes = 20;
constexpr std::size_t kOptionBytes = 16;
constexpr std::size_t kOptionReplyBytes = 20;

constexpr std::uint32_t kOptionExportName = 1;
constexpr std::uint32_t kOptionAbort = 2;
constexpr std::uint32_t kOptionStartTls = 5;
constexpr std::uint32_t kOptionInfo = 6;
constexpr std::uint32_t kOptionGo = 7;
constexpr std::uint32_t kReplyAck = 1;
constexpr std::uint32_t kReplyServer = 2;
constexpr std::uint32_t kReplyInfo = 3;
constexpr std::uint32_t kReplyError = 0x80000000;
constexpr std::uint16_t kRead = 0;
constexpr std::uint16_t kWrite = 1;
constexpr std::uint16_t kDisconnect = 2;
constexpr std::uint32_t kNoZeroes = 2;
constexpr std::uint16_t kChunkIsLast = 1;
constexpr std::uint16_t kChunkError = 0x8001;
constexpr std::uint16_t kChunkErrorOffset = 0x8002;
/// Options wait under a key that no request has: they are over before the first one.
constexpr std::uint64_t kOptionKey = 0;
constexpr std::size_t kMostRequests = 65536;

/// Whether bytes begin with a number, big-endian, as far as they go.
Verdict beginsWith(Bytes bytes, std::uint64_t magic, std::size_t size) {
  for (std::size_t i = 0; i < size && i < bytes.size(); ++i) {
    if (std::to_integer<std::uint64_t>(bytes[i]) != (magic >> (8 * (size - 1 - i)) & 0xFF)) {
      return Verdict::No;
    }
  }
  return bytes.size() < size ? Verdict::NeedMore : Verdict::Yes;
}

Verdict recognise(const Opening& opening) {
  const bool isFresh = opening.facts.isFromStart;
  const Verdict server = isFresh ? beginsWith(opening.toClient, kGreeting, 8) : Verdict::No;
  if (!opening.toClient.empty() && server != Verdict::No) return server;
  if (isFresh) {
    // The server speaks first: what a client sends before says nothing.
    return Verdict::No;
  }
  const auto isAny = [&](Bytes bytes, std::initializer_list<std::uint32_t> magics) {
    return std::ranges::any_of(
        magics, [&](auto magic) { return beginsWith(bytes, magic, 4) == Verdict::Yes; });
  };
  return isAny(opening.toServer, {kRequest}) || isAny(opening.toClient, {kSimpleReply, kChunk})
             ? Verdict::Yes
             : Verdict::No;
}

class NbdDecoder final : public Decoder {
 public:
  explicit NbdDecoder(bool isFromStart)
      : step_(isFromStart ? Step::Greeting : Step::Transmission) {}

  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (d == Direction::ToServer) return toServer(bytes, context);
    if (isPassing_) {  // the data of a reply has passed, or will never come
      isPassing_ = false;
      if (context.cut == Cut::End) return Taken::nothing();
      finish(context);
    }
    return toClient(bytes, context);
  }

  void lost(Direction d, Context&) override {
    if (d == Direction::ToClient) isPassing_ = false;
  }

  bool mayBegin(Direction d, Bytes bytes) const override {
    if (step_ != Step::Transmission) return false;
    if (d == Direction::ToServer) return beginsWith(bytes, kRequest, 4) == Verdict::Yes;
    return beginsWith(bytes, kSimpleReply, 4) == Verdict::Yes ||
           beginsWith(bytes, kChunk, 4) == Verdict::Yes;
  }

 private:
  enum class Step : std::uint8_t { Greeting, Options, ExportName, Transmission };
  struct Request {
    std::uint16_t type = 0;
    std::uint32_t length = 0;
    std::uint32_t error = 0;  ///< of an error chunk that is not the last chunk
    std::string errorText{};
  };

  Taken toServer(Bytes bytes, Context& context) {
    if (hasClientFlags_ && bytes.size() < 8) return Taken::nothing(8);
    if (bytes.size() < 4) return Taken::nothing(4);
    Cursor cursor(bytes);
    if (step_ == Step::Transmission || (hasClientFlags_ && cursor.u32() == kRequest)) {
      if (beginsWith(bytes, kRequest, 4) == Verdict::Yes) return onRequest(bytes, context);
      if (step_ == Step::Transmission) return Taken::resync();
    }
    if (!hasClientFlags_) {
      hasClientFlags_ = true;
      clientFlags_ = Cursor(bytes).u32();
      return Taken::some(4);
    }
    if (beginsWith(bytes, kOption, 8) != Verdict::Yes) return Taken::giveUp();
    return onOption(bytes, context);
  }

  Taken onOption(Bytes bytes, Context& context) {
    if (bytes.size() < kOptionBytes) return Taken::nothing(kOptionBytes);
    Cursor cursor(bytes.subspan(8));
    option_ = cursor.u32();
    const std::size_t length = cursor.u32();
    if (bytes.size() - kOptionBytes < length && context.cut == Cut::No) {
      return Taken::nothing(kOptionBytes + length);
    }
    Cursor data(upTo(cursor.rest(), length));
    const std::size_t consumed = kOptionBytes + data.rest().size();
    Message message = context.message("nbd", Direction::ToServer, nbdOptionName(option_));
    if (option_ == kOptionExportName) message.details.text("export", data.text(length));
    if (option_ == kOptionGo || option_ == kOptionInfo) {
      message.details.text("export", data.text(data.u32()));
    }
    context.ask(kOptionKey, std::move(message));
    if (option_ == kOptionExportName) step_ = Step::ExportName;
    return Taken::some(consumed, kOptionBytes + length - consumed);
  }

  Taken onRequest(Bytes bytes, Context& context) {
    if (bytes.size() < kRequestBytes) return Taken::nothing(kRequestBytes);
    Cursor cursor(bytes.subspan(4));
    const std::uint16_t flags = cursor.u16();
    const std::uint16_t type = cursor.u16();
    const std::uint64_t cookie = cursor.u64();
    const std::uint64_t offset = cursor.u64();
    const std::uint32_t length = cursor.u32();
    step_ = Step::Transmission;
    Message message = context.message("nbd", Direction::ToServer, nbdRequestName(type));
    if (type == kDisconnect) {
      context.tell(std::move(message));
      return Taken::some(kRequestBytes);
    }
    if (length != 0 || offset != 0 || type == kRead || type == kWrite) {
      message.details.number("offset", offset);
      message.details.number("length", length);
    }
    message.details.text("flags", nbdFlagNames(flags));
    if (requests_.size() >= kMostRequests) requests_.erase(requests_.begin());
    requests_[cookie] = Request{.type = type, .length = length};
    context.ask(cookie, std::move(message));
    return Taken::some(kRequestBytes, type == kWrite ? length : 0);
  }

  Taken toClient(Bytes bytes, Context& context) {
    if (step_ == Step::Greeting) return onGreeting(bytes, context);
    if (bytes.size() < 8) return Taken::nothing(8);
    if (step_ == Step::ExportName && beginsWith(bytes, kOptionReply, 8) != Verdict::Yes) {
      return onExport(bytes, context);
    }
    if (beginsWith(bytes, kSimpleReply, 4) == Verdict::Yes) return onSimpleReply(bytes, context);
    if (beginsWith(bytes, kChunk, 4) == Verdict::Yes) return onChunk(bytes, context);
    if (step_ != Step::Transmission && beginsWith(bytes, kOptionReply, 8) == Verdict::Yes) {
      return onOptionReply(bytes, context);
    }
    return step_ == Step::Transmission ? Taken::resync() : Taken::giveUp();
  }

  Taken onGreeting(Bytes bytes, Context& context) {
    constexpr std::size_t kNewBytes = 18;
    constexpr std::size_t kOldBytes = 8 + 8 + 8 + 4 + 124;
    if (bytes.size() < kNewBytes) return Taken::nothing(kNewBytes);
    Cursor cursor(bytes.subspan(8));
    const std::uint64_t style = cursor.u64();
    if (style == kOption) {
      serverFlags_ = cursor.u16();
      step_ = Step::Options;
      return Taken::some(kNewBytes);
    }
    if (style != kOldGreeting) return Taken::giveUp();
    if (bytes.size() < kOldBytes) return Taken::nothing(kOldBytes);
    Message message = context.message("nbd", Direction::ToClient, "export");
    message.details.number("size", cursor.u64());
    context.tell(std::move(message));
    step_ = Step::Transmission;
    hasClientFlags_ = true;
    return Taken::some(kOldBytes);
  }

  /// The answer to EXPORT_NAME, which has no header.
  Taken onExport(Bytes bytes, Context& context) {
    const bool hasZeroes = (serverFlags_ & clientFlags_ & kNoZeroes) == 0;
    const std::size_t length = 10 + (hasZeroes ? 124 : 0);
    if (bytes.size() < length) return Taken::nothing(length);
    if (Message* message = context.asked(kOptionKey)) {
      message->reply.number("size", Cursor(bytes).u64());
    }
    context.answer(kOptionKey, Outcome::Ok, {});
    step_ = Step::Transmission;
    return Taken::some(length);
  }

  Taken onOptionReply(Bytes bytes, Context& context) {
    if (bytes.size() < kOptionReplyBytes) return Taken::nothing(kOptionReplyBytes);
    Cursor cursor(bytes.subspan(8));
    const std::uint32_t option = cursor.u32();
    const std::uint32_t type = cursor.u32();
    const std::size_t length = cursor.u32();
    if (bytes.size() - kOptionReplyBytes < length && context.cut == Cut::No) {
      return Taken::nothing(kOptionReplyBytes + length);
    }
    Cursor data(upTo(cursor.rest(), length));
    const std::size_t consumed = kOptionReplyBytes + data.rest().size();
    Message* message = context.asked(kOptionKey);
    if (message != nullptr && type == kReplyInfo && data.u16() == 0) {
      message->reply.number("size", data.u64());
    } else if (message != nullptr && type == kReplyServer) {
      message->reply.text("export", data.text(data.u32()));
    } else if ((type & kReplyError) != 0) {
      std::string error = nbdOptionErrorName(type);
      if (!data.rest().empty()) error += ": " + shortened(textOf(data.rest()));
      context.answer(kOptionKey, Outcome::Error, std::move(error));
    } else if (type == kReplyAck) {
      context.answer(kOptionKey, Outcome::Ok, {});
      if (option == kOptionStartTls) return Taken::turn(consumed);
      if (option == kOptionGo) step_ = Step::Transmission;
      if (option == kOptionAbort) return Taken::giveUp();
    }
    return Taken::some(consumed, kOptionReplyBytes + length - consumed);
  }

  Taken onSimpleReply(Bytes bytes, Context& context) {
    if (bytes.size() < kSimpleReplyBytes) return Taken::nothing(kSimpleReplyBytes);
    Cursor cursor(bytes.subspan(4));
    const std::uint32_t error = cursor.u32();
    cookie_ = cursor.u64();
    const auto found = requests_.find(cookie_);
    // How much data follows, only the request says.
    if (found == requests_.end()) return Taken::resync();
    found->second.error = error;
    const bool hasData = found->second.type == kRead && error == 0 && found->second.length != 0;
    isPassing_ = hasData;
    if (!hasData) {
      finish(context);
      return Taken::some(kSimpleReplyBytes);
    }
    return Taken::some(kSimpleReplyBytes, found->second.length);
  }

  Taken onChunk(Bytes bytes, Context& context) {
    constexpr std::uint32_t kLongestError = 4200;
    if (bytes.size() < kChunkBytes) return Taken::nothing(kChunkBytes);
    Cursor cursor(bytes.subspan(4));
    const std::uint16_t flags = cursor.u16();
    const std::uint16_t type = cursor.u16();
    cookie_ = cursor.u64();
    const std::uint32_t length = cursor.u32();
    const auto found = requests_.find(cookie_);
    if (type == kChunkError || type == kChunkErrorOffset) {
      if (length < 6 || length > kLongestError) return Taken::resync();
      const std::size_t whole = kChunkBytes + length;
      if (bytes.size() < whole && context.cut == Cut::No) return Taken::nothing(whole);
      Cursor data(upTo(cursor.rest(), length));
      const std::uint32_t error = data.u32();
      const std::string_view text = data.text(data.u16());
      if (found != requests_.end()) {
        found->second.error = error;
        found->second.errorText = shortened(text);
      }
    }
    isPassing_ = (flags & kChunkIsLast) != 0 && found != requests_.end();
    if (length != 0) return Taken::some(kChunkBytes, length);
    if (isPassing_) finish(context);
    isPassing_ = false;
    return Taken::some(kChunkBytes);
  }

  /// The reply to the request with cookie_ is complete.
  void finish(Context& context) {
    const auto found = requests_.find(cookie_);
    if (found == requests_.end()) return;
    const Request request = found->second;
    requests_.erase(found);
    std::string error;
    if (request.error != 0) {
      error = nbdErrorName(request.error);
      if (!request.errorText.empty()) error += ": " + request.errorText;
    }
    const Outcome outcome = error.empty() ? Outcome::Ok : Outcome::Error;
    context.answer(cookie_, outcome, std::move(error));
  }

  std::map<std::uint64_t, Request> requests_;
  std::uint64_t cookie_ = 0;
  std::uint32_t option_ = 0;
  std::uint32_t clientFlags_ = 0;
  std::uint16_t serverFlags_ = 0;
  Step step_;
  bool hasClientFlags_ = false;
  bool isPassing_ = false;
};

std::unique_ptr<Decoder> make(const StreamFacts& facts) {
  return std::make_unique<NbdDecoder>(facts.isFromStart);
}

}  // namespace nbd
}  // namespace

const Protocol kNbd{"nbd", "network block device", nbd::recognise, nbd::make, {}, true};

}  // namespace vsdump::payload
