// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_stream.h"

#include <unistd.h>

#include <cstdlib>

#include "cli/json/packet_json.h"
#include "cli/text/packet_line.h"
#include "dissector/wire/packet.h"

namespace vsdump {

namespace {

bool useColor(ColorMode mode) {
  if (mode != ColorMode::Auto) return mode == ColorMode::Always;
  const char* const noColor = std::getenv("NO_COLOR");
  const bool isForbidden = noColor != nullptr && *noColor != '\0';
  return !isForbidden && ::isatty(STDOUT_FILENO) == 1;
}

TextStyle textStyleOf(const Options& options) {
  return TextStyle{.quiet = options.quiet,
                   .verbosity = options.verbosity,
                   .numbers = options.numbers,
                   .names = !options.numericNames,
                   .recordLengths = options.recordLengths,
                   .color = !options.quiet && useColor(options.color),
                   .nanoseconds = options.nanoseconds,
                   .timestamps = options.timestamps,
                   .hexDump = options.hexDump};
}

class TextStream final : public PacketStream {
 public:
  TextStream(const Options& options, Output& output)
      : PacketStream(options, output),
        printer_(textStyleOf(options)),
        numbersWhatItPrints_(options.quiet) {}

 private:
  void append(LineBuffer& buffer, const Frame& frame, const Packet& packet,
              const PacketContext* context) override {
    ++printed_;
    printer_.print(buffer, frame, packet, numbersWhatItPrints_ ? printed_ : raw(frame.number),
                   context);
  }

  PacketPrinter printer_;
  std::uint64_t printed_ = 0;
  bool numbersWhatItPrints_;  // as tcpdump does; else a number names a record of the capture
};

class JsonStream final : public PacketStream {
 public:
  JsonStream(const Options& options, Output& output) : PacketStream(options, output) {}

 private:
  void append(LineBuffer& buffer, const Frame& frame, const Packet& packet,
              const PacketContext* context) override {
    putPacketJson(buffer, frame, packet, context);
  }
};

}  // namespace

PacketStream::PacketStream(const Options& options, Output& output)
    : output_(output),
      printEvery_(options.printEvery),
      writesEveryPacket_(options.packetBuffered && !options.writeFile) {}

Result<void> PacketStream::print(std::span<const Frame> frames) {
  for (const Frame& frame : frames) {
    if (!isNext()) continue;
    append(output_.buffer(), frame, dissect(frame), nullptr);
    if (!writesEveryPacket_ && !output_.isLarge()) continue;
    if (Result<void> written = flush(); !written || output_.closed()) return written;
  }
  return {};
}

Result<void> PacketStream::print(std::span<const TrackedPacket> packets) {
  for (const TrackedPacket& tracked : packets) {
    if (!isNext()) continue;
    append(output_.buffer(), tracked.frame, tracked.packet, &tracked.context);
    if (!writesEveryPacket_ && !output_.isLarge()) continue;
    if (Result<void> written = flush(); !written || output_.closed()) return written;
  }
  return {};
}

std::unique_ptr<PacketStream> makePacketStream(const Options& options, Output& output) {
  if (options.json) return std::make_unique<JsonStream>(options, output);
  return std::make_unique<TextStream>(options, output);
}

}  // namespace vsdump
