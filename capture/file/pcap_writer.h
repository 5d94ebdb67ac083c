// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "capture/file/record_writer.h"

namespace vsdump {

struct PcapFormat {
  std::uint32_t snapshotLength = kDefaultSnapshotLength;  ///< for the file's header, in bytes
  bool nanoseconds = false;                               ///< else times are cut to microseconds
};

/// Writes pcap files in this machine's byte order, as libpcap does.
class PcapWriter final : public RecordWriter {
 public:
  /// Writes the file's header at once, so that whoever reads along sees it.
  /// **Errors** Io. `name` is what messages call the output.
  static Result<std::unique_ptr<PacketWriter>> create(std::unique_ptr<ByteSink> sink,
                                                      std::string name, const PcapFormat& format);

  Result<void> write(std::span<const Frame> frames) override;

 private:
  PcapWriter(std::unique_ptr<ByteSink> sink, std::string name, bool nanoseconds)
      : RecordWriter(std::move(sink), std::move(name)), nsPerFraction_(nanoseconds ? 1 : 1000) {}

  std::uint32_t nsPerFraction_;
};

}  // namespace vsdump
