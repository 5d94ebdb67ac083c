// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_sink.h"

#include "cli/json/packet_json.h"
#include "dissector/wire/packet.h"

namespace vsdump {

namespace {

/// What printing sinks share: when to write out, and whether anybody still reads.
class PrintingSink : public PacketSink {
 public:
  PrintingSink(Output& output, bool everyPacket) : output_(output), everyPacket_(everyPacket) {}

  Result<void> take(std::span<const Frame> frames) final {
    for (const Frame& frame : frames) {
      append(output_.buffer(), frame);
      const Result<void> written = everyPacket_ ? output_.flush() : output_.flushIfLarge();
      if (!written || output_.closed()) return written;
    }
    return {};
  }

  Result<void> flush() final { return output_.flush(); }
  bool closed() const final { return output_.closed(); }

 protected:
  virtual void append(LineBuffer& buffer, const Frame& frame) = 0;

 private:
  Output& output_;
  bool everyPacket_;
};

class TextSink final : public PrintingSink {
 public:
  TextSink(Output& output, const TextStyle& style, bool everyPacket)
      : PrintingSink(output, everyPacket), printer_(style), isQuiet_(style.quiet) {}

 private:
  void append(LineBuffer& buffer, const Frame& frame) override {
    // tcpdump numbers what it prints; otherwise a number names a record of the capture.
    ++printed_;
    printer_.print(buffer, frame, dissect(frame), isQuiet_ ? printed_ : raw(frame.number));
  }

  PacketPrinter printer_;
  std::uint64_t printed_ = 0;
  bool isQuiet_;
};

class JsonSink final : public PrintingSink {
 public:
  using PrintingSink::PrintingSink;

 private:
  void append(LineBuffer& buffer, const Frame& frame) override {
    putPacketJson(buffer, frame, dissect(frame));
  }
};

}  // namespace

std::unique_ptr<PacketSink> makeTextSink(Output& output, const TextStyle& style, bool everyPacket) {
  return std::make_unique<TextSink>(output, style, everyPacket);
}

std::unique_ptr<PacketSink> makeJsonSink(Output& output, bool everyPacket) {
  return std::make_unique<JsonSink>(output, everyPacket);
}

}  // namespace vsdump
