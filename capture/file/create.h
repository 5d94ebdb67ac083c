// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "capture/file/descriptor.h"
#include "capture/file/packet_writer.h"

namespace vsdump {

/// What kind of capture file to write.
struct OutputFormat {
  std::uint32_t snapshotLength = kDefaultSnapshotLength;  ///< that the packets were captured with
  bool nanoseconds = false;                               ///< else times are cut to microseconds
};

/// Starts a capture file on an open descriptor, at its position. The file's header is written at
/// once. `name` is what messages call it.
/// **Errors** Io when the header cannot be written.
Result<std::unique_ptr<PacketWriter>> createCapture(Descriptor output, std::string name,
                                                    const OutputFormat& format);

}  // namespace vsdump
