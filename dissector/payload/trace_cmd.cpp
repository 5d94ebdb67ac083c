// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/trace_cmd.h"

#include <array>
#include <string>
#include <utility>

#include "dissector/payload/cursor.h"

namespace vsdump::payload {

namespace {
namespace trace_cmd {

constexpr Port kPort{823};
constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint32_t kLongestMessage = 8192;
constexpr auto kNames = std::to_array<std::string_view>(
    {"CLOSE", "TINIT", "RINIT", "SEND_DATA", "FIN_DATA", "NOT_SUPP", "TRACE_REQ", "TRACE_RESP",
     "CLOSE_RESP", "TIME_SYNC", "TRACE_PROXY", "CONT"});
constexpr std::uint32_t kClose = 0;
constexpr std::uint32_t kSendData = 3;
constexpr std::uint32_t kFinishData = 4;
constexpr std::uint32_t kRequest = 6;
constexpr std::uint32_t kResponse = 7;
constexpr std::uint32_t kNotSupported = 5;
constexpr std::uint32_t kCloseResponse = 8;

struct Header {
  std::uint32_t size = 0;  ///< of the whole message
  std::uint32_t command = 0;
  std::uint32_t commandSize = 0;

  bool isLikely() const {
    return size >= kHeaderBytes && size <= kLongestMessage && command < kNames.size() &&
           commandSize <= size - kHeaderBytes;
  }
};

Header headerOf(Bytes bytes) {
  Cursor cursor(bytes);
  Header header;
  header.size = cursor.u32();
  header.command = cursor.u32();
  header.commandSize = cursor.u32();
  return header;
}

/// Three small numbers are little to go by: the port has to be the right one, too.
Verdict recognise(const Opening& opening) {
  if (opening.facts.server.port != kPort) return Verdict::No;
  for (const Bytes way : {opening.toServer, opening.toClient}) {
    if (way.empty()) continue;
    if (way.size() < kHeaderBytes) return Verdict::NeedMore;
    return headerOf(way).isLikely() ? Verdict::Yes : Verdict::No;
  }
  return Verdict::No;
}

class TraceCmdDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (context.cut == Cut::End) return Taken::nothing();
    if (bytes.size() < kHeaderBytes) return Taken::nothing(kHeaderBytes);
    const Header header = headerOf(bytes);
    if (!header.isLikely()) return Taken::resync();
    onMessage(d, header, context);
    return Taken::some(kHeaderBytes, header.size - kHeaderBytes);
  }

  void ended(Context& context) override { tellData(context); }

  bool mayBegin(Direction, Bytes bytes) const override {
    return bytes.size() >= kHeaderBytes && headerOf(bytes).isLikely();
  }

 private:
  void onMessage(Direction d, const Header& header, Context& context) {
    const std::size_t bytes = header.size - kHeaderBytes;
    if (header.command == kSendData) {
      // One file in hundreds of pieces.
      data_ = d;
      ++dataMessages_;
      dataBytes_ += bytes;
      return;
    }
    tellData(context);
    if (header.command == kFinishData) return;
    if (header.command == kResponse || header.command == kNotSupported) {
      const bool isError = header.command == kNotSupported;
      return context.answer(kRequestKey, isError ? Outcome::Error : Outcome::Ok,
                            isError ? "not supported" : "");
    }
    if (header.command == kCloseResponse) return context.answer(kCloseKey, Outcome::Ok, {});
    Message message = context.message("trace-cmd", d, std::string(kNames[header.command]));
    message.details.number("bytes", bytes);
    if (header.command == kRequest) return context.ask(kRequestKey, std::move(message));
    if (header.command == kClose) return context.ask(kCloseKey, std::move(message));
    context.tell(std::move(message));
  }

  /// The file whose last piece has come.
  void tellData(Context& context) {
    if (dataMessages_ == 0) return;
    Message message = context.message("trace-cmd", data_, std::string(kNames[kSendData]));
    message.details.number("messages", std::exchange(dataMessages_, 0));
    message.details.number("bytes", std::exchange(dataBytes_, 0));
    context.tell(std::move(message));
  }

  static constexpr std::uint64_t kRequestKey = 0;
  static constexpr std::uint64_t kCloseKey = 1;

  Direction data_ = Direction::ToClient;
  std::uint64_t dataMessages_ = 0;
  std::uint64_t dataBytes_ = 0;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<TraceCmdDecoder>();
}

}  // namespace trace_cmd
}  // namespace

const Protocol kTraceCmd{"trace-cmd", "trace-cmd's agent", trace_cmd::recognise, trace_cmd::make};

}  // namespace vsdump::payload
