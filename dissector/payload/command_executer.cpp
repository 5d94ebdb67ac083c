// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/command_executer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "dissector/payload/cursor.h"
#include "dissector/payload/json.h"

namespace vsdump::payload {

namespace {
namespace command_executer {

/// Numbers are 8 bytes, little-endian, and a zero.
constexpr std::size_t kNumberBytes = 9;
constexpr std::uint64_t kLongestText = 8192;  // the server's buffer
constexpr std::uint64_t kKey = 0;

constexpr std::uint64_t kReceiveFile = 1;
constexpr std::uint64_t kSendFile = 2;
constexpr auto kCalls =
    std::to_array<std::string_view>({"RunCmd", "RecvFile", "SendFile", "RunCmdNoWait"});

/// A number; more than any where it is not one.
std::uint64_t numberOf(Cursor& cursor) {
  const std::uint64_t value = cursor.u64le();
  return cursor.u8() == 0 ? value : UINT64_MAX;
}

bool isRequestHead(std::uint64_t command, std::uint64_t length) {
  return command < kCalls.size() && length != 0 && length <= kLongestText;
}

Verdict recognise(const Opening& opening) {
  if (!opening.facts.isFromStart || opening.toServer.empty()) return Verdict::No;
  const Bytes head = upTo(opening.toServer, 2 * kNumberBytes);
  // The first byte tells the command, and the ninth and those before it are zeroes.
  const bool isNumber = std::to_integer<unsigned>(head[0]) < kCalls.size() &&
                        std::ranges::all_of(upTo(head, kNumberBytes).subspan(1),
                                            [](std::byte byte) { return byte == std::byte{0}; });
  if (!isNumber) return Verdict::No;
  if (head.size() < 2 * kNumberBytes) return Verdict::NeedMore;
  Cursor cursor(head);
  const std::uint64_t command = numberOf(cursor);
  return isRequestHead(command, numberOf(cursor)) ? Verdict::Yes : Verdict::No;
}

class CommandExecuterDecoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    if (bytes.empty() || context.cut == Cut::End) return Taken::nothing();
    if (context.cut != Cut::No) return Taken::giveUp();
    if (d == Direction::ToClient) return onReply(bytes, context);
    return hasAsked_ ? onFile(bytes, context) : onRequest(bytes, context);
  }

  void ended(Context& context) override {
    if (!request_.call.empty()) context.tell(std::move(request_));
  }

 private:
  Taken onRequest(Bytes bytes, Context& context) {
    constexpr std::size_t kHeadBytes = 2 * kNumberBytes;
    if (bytes.size() < kHeadBytes) return Taken::nothing(kHeadBytes);
    Cursor cursor(bytes);
    command_ = numberOf(cursor);
    const std::uint64_t length = numberOf(cursor);
    if (!isRequestHead(command_, length)) return Taken::giveUp();
    const std::string_view text = textOf(upTo(cursor.rest(), length));
    if (text.size() < length) return Taken::nothing(kHeadBytes + length);
    hasAsked_ = true;
    request_ =
        context.message("command-executer", Direction::ToServer, std::string(kCalls[command_]));
    if (command_ == kReceiveFile || command_ == kSendFile) {
      request_.details.text("path", text);
    } else {
      // What follows the program may be a password.
      request_.details.text("program", text.substr(0, text.find(' ')));
      if (context.showsSecrets()) request_.details.text("command", text);
    }
    if (command_ != kSendFile) context.ask(kKey, std::exchange(request_, {}));
    return Taken::some(kHeadBytes + length);
  }

  /// A file's size, and the file. Nothing replies to it.
  Taken onFile(Bytes bytes, Context& context) {
    if (command_ != kSendFile) return Taken::all();
    if (bytes.size() < kNumberBytes) return Taken::nothing(kNumberBytes);
    Cursor cursor(bytes);
    request_.details.number("bytes", numberOf(cursor));
    context.tell(std::exchange(request_, {}));
    return Taken::all();
  }

  Taken onReply(Bytes bytes, Context& context) {
    Message* const request = context.asked(kKey);
    if (request == nullptr) return Taken::all();
    if (bytes.size() < kNumberBytes) return Taken::nothing(kNumberBytes);
    Cursor cursor(bytes);
    const std::uint64_t length = numberOf(cursor);
    if (command_ == kReceiveFile) {
      request->reply.number("bytes", length);
      context.answer(kKey, Outcome::Ok, {});
      return Taken::all();
    }
    if (length > Taken::kAll / 2) return Taken::giveUp();
    if (cursor.rest().size() < length) return Taken::nothing(kNumberBytes + length);
    const auto json = JsonObject::parse(textOf(upTo(cursor.rest(), length)));
    if (!json) return Taken::giveUp();
    // A program that a signal has ended has none.
    const auto status = json->number("rc");
    if (status) request->reply.number("exit_status", *status);
    if (context.showsSecrets()) {
      request->reply.text("stdout", json->text("stdout").value_or(""));
      request->reply.text("stderr", json->text("stderr").value_or(""));
    }
    context.answer(kKey, status == 0U ? Outcome::Ok : Outcome::Error,
                   status ? std::string{} : "no exit status");
    return Taken::all();
  }

  Message request_;
  std::uint64_t command_ = 0;
  bool hasAsked_ = false;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<CommandExecuterDecoder>();
}

}  // namespace command_executer
}  // namespace

const Protocol kCommandExecuter{"command-executer", "the command-executer of AWS Nitro Enclaves",
                                command_executer::recognise, command_executer::make};

}  // namespace vsdump::payload
