// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_formatter.h"

#include <unistd.h>

#include <cstdlib>

#include "cli/json/packet_json.h"
#include "cli/text/packet_line.h"

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

class TextFormatter final : public PacketFormatter {
 public:
  explicit TextFormatter(const Options& options)
      : printer_(textStyleOf(options)), numbersWhatItPrints_(options.quiet) {}

  void append(LineBuffer& out, const Frame& frame, const Packet& packet, std::uint64_t number,
              const PacketContext* context) override {
    printer_.print(out, frame, packet, numbersWhatItPrints_ ? number : raw(frame.number), context);
  }

  void expect(const PacketContext& context) override { printer_.expect(context); }

  void goOnBehind(std::int64_t firstNs, std::int64_t previousNs) override {
    printer_.goOnBehind(firstNs, previousNs);
  }

 private:
  PacketPrinter printer_;
  bool numbersWhatItPrints_;  // as tcpdump does; else a number names a record of the capture
};

class JsonFormatter final : public PacketFormatter {
 public:
  void append(LineBuffer& out, const Frame& frame, const Packet& packet, std::uint64_t /*number*/,
              const PacketContext* context) override {
    putPacketJson(out, frame, packet, context);
  }

  void expect(const PacketContext& /*context*/) override {}

  void goOnBehind(std::int64_t /*firstNs*/, std::int64_t /*previousNs*/) override {}
};

}  // namespace

std::unique_ptr<PacketFormatter> makePacketFormatter(const Options& options) {
  if (options.json) return std::make_unique<JsonFormatter>();
  return std::make_unique<TextFormatter>(options);
}

}  // namespace vsdump
