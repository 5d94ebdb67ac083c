// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/file/compression.h"
#include "capture/file/descriptor.h"
#include "capture/file/packet_writer.h"

namespace vsdump {

/// What kind of capture file to write.
struct OutputFormat {
  bool pcapng = false;
  Compression compression = Compression::None;

  // For pcap, which has one interface only; pcapng has them from PacketWriter::describe().
  std::uint32_t snapshotLength = kDefaultSnapshotLength;  ///< that the packets were captured with
  bool nanoseconds = false;                               ///< else times are cut to microseconds

  // For pcapng.
  std::string application{};            ///< the program that writes the file
  std::vector<std::string> comments{};  ///< on the file as a whole
};

/// Sets the fields that the end of a file's name tells: .pcapng, .gz, .zst, and .pcapng.gz.
void chooseByName(OutputFormat& format, std::string_view fileName);

/// Starts a capture file on an open descriptor, at its position. The file's header is written at
/// once. `name` is what messages call it. `isInherited` says that others have opened it and may
/// read it whether it has a name or not.
/// **Errors** Io when the header cannot be written.
Result<std::unique_ptr<PacketWriter>> createCapture(Descriptor output, std::string name,
                                                    const OutputFormat& format,
                                                    bool isInherited = false);

}  // namespace vsdump
