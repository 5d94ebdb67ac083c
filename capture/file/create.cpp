// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/create.h"

#include <utility>

#include "capture/file/compressed_sink.h"
#include "capture/file/descriptor_sink.h"
#include "capture/file/pcap_writer.h"
#include "capture/file/pcapng_writer.h"

namespace vsdump {

namespace {

bool takeSuffix(std::string_view& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

}  // namespace

void chooseByName(OutputFormat& format, std::string_view fileName) {
  if (takeSuffix(fileName, ".gz")) {
    format.compression = Compression::Gzip;
  } else if (takeSuffix(fileName, ".zst")) {
    format.compression = Compression::Zstd;
  }
  if (takeSuffix(fileName, ".pcapng")) format.pcapng = true;
}

Result<std::unique_ptr<PacketWriter>> createCapture(Descriptor output, std::string name,
                                                    const OutputFormat& format, bool isInherited) {
  std::unique_ptr<ByteSink> sink =
      std::make_unique<DescriptorSink>(std::move(output), name, isInherited);
  if (format.compression == Compression::Gzip) sink = gzipTo(std::move(sink));
  if (format.compression == Compression::Zstd) sink = zstdTo(std::move(sink));
  if (format.pcapng) return PcapngWriter::create(std::move(sink), std::move(name), format);
  return PcapWriter::create(
      std::move(sink), std::move(name),
      {.snapshotLength = format.snapshotLength, .nanoseconds = format.nanoseconds});
}

}  // namespace vsdump
