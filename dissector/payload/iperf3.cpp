// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/iperf3.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "dissector/payload/cursor.h"
#include "dissector/payload/json.h"

namespace vsdump::payload {

namespace {
namespace iperf3 {

constexpr std::size_t kCookieBytes = 37;
constexpr std::uint32_t kLongestJson = 1U << 20;
constexpr std::uint64_t kTestKey = 0;

constexpr std::uint8_t kTestEnd = 4;
constexpr std::uint8_t kServerTerminate = 11;
constexpr std::uint8_t kClientTerminate = 12;
constexpr std::uint8_t kExchangeResults = 13;
constexpr std::uint8_t kAccessDenied = 0xFF;
constexpr std::uint8_t kServerError = 0xFE;
constexpr std::uint8_t kLastState = 16;

/// 36 of a-z and 2-7, and a zero.
Verdict recognise(const Opening& opening) {
  if (!opening.facts.isFromStart || opening.toServer.empty()) return Verdict::No;
  const Bytes cookie = upTo(opening.toServer, kCookieBytes);
  const auto isOfCookie = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); };
  if (!std::ranges::all_of(textOf(upTo(cookie, kCookieBytes - 1)), isOfCookie)) return Verdict::No;
  if (cookie.size() < kCookieBytes) return Verdict::NeedMore;
  return cookie.back() == std::byte{0} ? Verdict::Yes : Verdict::No;
}

/// The tests that are under way, by their cookie: the first connection of one controls it.
struct Tests : Shared {
  using Key = std::pair<std::uint32_t, std::string>;  ///< the source of the capture, the cookie
  std::map<Key, ConnectionId> controls;
  static constexpr std::size_t kMost = 4096;
};

class Iperf3Decoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (context.cut == Cut::End) return Taken::nothing();
    if (d == Direction::ToServer && cookie_.empty()) {
      if (bytes.size() < kCookieBytes) return Taken::nothing(kCookieBytes);
      begin(textOf(bytes.first(kCookieBytes - 1)), context);
      return Taken::some(kCookieBytes);
    }
    if (!isControl_) return Taken::all();
    if (bytes.empty()) return Taken::nothing();
    if (expectsJson_[index(d)]) return onJson(d, bytes, context);
    return onState(d, bytes, context);
  }

  void ended(Context& context) override {
    if (cookie_.empty()) return;
    if (isControl_) {
      context.shared<Tests>().controls.erase({context.facts().source, cookie_});
      return;
    }
    // Which way the data went, the test's parameters say; the other way has next to nothing.
    const std::uint64_t up = context.carried(Direction::ToServer) - kCookieBytes;
    const std::uint64_t down = context.carried(Direction::ToClient);
    const Direction d = up >= down ? Direction::ToServer : Direction::ToClient;
    const std::uint64_t bytes = std::max(up, down);
    Message message = context.message("iperf3", d, "data");
    message.details.number("control", raw(control_));
    message.details.number("bytes", bytes);
    const std::int64_t tookNs = message.timeNs - startNs_;
    if (tookNs > 0) {
      constexpr double kBitsOfByteInNs = 8e9;
      message.details.number("bits_per_second", static_cast<std::uint64_t>(
                                                    static_cast<double>(bytes) * kBitsOfByteInNs /
                                                    static_cast<double>(tookNs)));
    }
    context.tell(std::move(message));
  }

 private:
  void begin(std::string_view cookie, Context& context) {
    cookie_ = cookie;
    startNs_ = context.timeNs;
    Tests& tests = context.shared<Tests>();
    if (tests.controls.size() >= Tests::kMost) tests.controls.clear();
    const auto [place, isNew] =
        tests.controls.emplace(Tests::Key{context.facts().source, cookie_}, context.facts().id);
    control_ = place->second;
    isControl_ = isNew;
    expectsJson_[index(Direction::ToServer)] = isNew;
  }

  Taken onState(Direction d, Bytes bytes, Context& context) {
    Cursor cursor(bytes);
    const std::uint8_t state = cursor.u8();
    if (state == kAccessDenied) {
      fail("the server is busy with another test", context);
      return Taken::some(1);
    }
    if (state == kServerError) {
      constexpr std::size_t kErrorBytes = 9;
      if (bytes.size() < kErrorBytes) return Taken::nothing(kErrorBytes);
      const std::uint32_t code = cursor.u32();
      fail("error " + std::to_string(code) + ", errno " + std::to_string(cursor.u32()), context);
      return Taken::some(kErrorBytes);
    }
    if (state == 0 || state > kLastState) return Taken::giveUp();
    if (state == kServerTerminate) fail("the server has ended the test", context);
    if (state == kClientTerminate) fail("the client has ended the test", context);
    const bool isToServer = d == Direction::ToServer;
    if (state == (isToServer ? kTestEnd : kExchangeResults)) expectsJson_[index(d)] = true;
    return Taken::some(1);
  }

  Taken onJson(Direction d, Bytes bytes, Context& context) {
    if (bytes.size() < 4) return Taken::nothing(4);
    const std::uint32_t length = Cursor(bytes).u32();
    if (length > kLongestJson) return Taken::giveUp();
    if (bytes.size() - 4 < length) {
      return context.cut == Cut::No ? Taken::nothing(4 + std::size_t{length}) : Taken::giveUp();
    }
    expectsJson_[index(d)] = false;
    const auto json = JsonObject::parse(textOf(bytes.subspan(4, length)));
    if (!json) return Taken::giveUp();
    if (!hasParameters_ && d == Direction::ToServer) {
      onParameters(*json, context);
    } else {
      onResults(d, *json, context);
    }
    return Taken::some(4 + std::size_t{length});
  }

  void onParameters(const JsonObject& json, Context& context) {
    hasParameters_ = true;
    Message message = context.message("iperf3", Direction::ToServer, "test");
    message.isLongPoll = true;  // it lasts as long as it is told to
    for (const std::string_view transport : {"vsock", "tcp", "udp", "sctp"}) {
      if (json.number(transport) == 1U) message.details.text("transport", transport);
    }
    const auto put = [&](std::string_view key, std::string_view name) {
      const auto value = json.number(name);
      if (value && *value != 0) message.details.number(key, *value);
    };
    put("seconds", "time");
    put("bytes", "num");
    put("parallel", "parallel");
    put("reverse", "reverse");
    put("bidirectional", "bidirectional");
    put("block_bytes", "len");
    put("bits_per_second", "bandwidth");
    message.details.text("client_version", json.text("client_version").value_or(""));
    context.ask(kTestKey, std::move(message));
  }

  void onResults(Direction d, const JsonObject& json, Context& context) {
    const auto bytes = json.sum("streams", "bytes");
    Message* message = context.asked(kTestKey);
    if (message != nullptr && bytes) {
      message->reply.number(d == Direction::ToServer ? "client_bytes" : "server_bytes", *bytes);
    }
    if (d == Direction::ToClient) context.answer(kTestKey, Outcome::Ok, {});
  }

  void fail(std::string error, Context& context) {
    if (context.asked(kTestKey) != nullptr) {
      return context.answer(kTestKey, Outcome::Error, std::move(error));
    }
    Message message = context.message("iperf3", Direction::ToClient, "test");
    message.outcome = Outcome::Error;
    message.error = std::move(error);
    context.tell(std::move(message));
  }

  std::string cookie_;
  ConnectionId control_ = kNoConnection;
  std::int64_t startNs_ = 0;
  bool isControl_ = true;
  bool hasParameters_ = false;
  std::array<bool, 2> expectsJson_{};
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<Iperf3Decoder>();
}

}  // namespace iperf3
}  // namespace

const Protocol kIperf3{"iperf3", "iperf3 and iperf-vsock", iperf3::recognise, iperf3::make};

}  // namespace vsdump::payload
