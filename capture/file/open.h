// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "capture/file/byte_stream.h"
#include "capture/file/descriptor.h"
#include "capture/source.h"

namespace vsdump {

struct FileOptions {
  /// At the end of a regular file more may be appended: SourceState::Waiting instead of End.
  bool follow = false;
  /// Waits for what the capture begins with; see StreamWait. Without, nothing but input ends that.
  StreamWait wait{};
};

/// Opens a capture file for reading and parses nothing yet. "-" is standard input. Waits until a
/// FIFO has a writer.
/// **Errors** in the system's words, or BadInput for what cannot be a file (a directory).
Result<Descriptor> openInput(const std::string& path);

/// The packets of an open capture file: pcap or pcapng, either of them compressed with gzip or
/// zstd. `name` is what messages call it.
///
/// Waits until the header has come, so that interfaces() is known from the start: of a pcap file
/// its one interface, of a pcapng file those up to the first vsock one or what is there.
/// **Errors** BadInput with a sentence for what is not a vsock capture; Io for a failed read, or
/// where FileOptions::wait gives up.
Result<std::unique_ptr<PacketSource>> openCapture(Descriptor input, std::string name,
                                                  const FileOptions& options = {});

/// The same from any stream of bytes.
Result<std::unique_ptr<PacketSource>> openCapture(std::unique_ptr<ByteStream> stream,
                                                  std::string name, StreamWait wait = {});

/// openInput() and openCapture() in one step.
Result<std::unique_ptr<PacketSource>> openCaptureFile(const std::string& path,
                                                      const FileOptions& options = {});

}  // namespace vsdump
