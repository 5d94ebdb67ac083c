// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/create.h"

#include <utility>

#include "capture/file/descriptor_sink.h"
#include "capture/file/pcap_writer.h"

namespace vsdump {

Result<std::unique_ptr<PacketWriter>> createCapture(Descriptor output, std::string name,
                                                    const OutputFormat& format) {
  auto sink = std::make_unique<DescriptorSink>(std::move(output), name);
  return PcapWriter::create(
      std::move(sink), std::move(name),
      {.snapshotLength = format.snapshotLength, .nanoseconds = format.nanoseconds});
}

}  // namespace vsdump
