// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "capture/file/byte_sink.h"

namespace vsdump {

/// Compresses what goes to `file` with gzip.
///
/// Every flush() completes a member, as does every 4 MiB without one, so that what is in the file
/// after it is whole and can be read on its own, after a kill. On a full disk as much of the last
/// member as there was room for is compressed anew.
std::unique_ptr<ByteSink> gzipTo(std::unique_ptr<ByteSink> file);

/// Compresses what goes to `file` into one zstd frame: Wireshark 4.0 does not read on behind one.
///
/// What is in the file after a flush() can be decoded, also after a kill: it breaks off then, as
/// only close() ends the frame. A full disk ends it, too: of what did not go into the file whole,
/// which is what came since the last flush() or less, as much is stored as has room uncompressed.
std::unique_ptr<ByteSink> zstdTo(std::unique_ptr<ByteSink> file);

}  // namespace vsdump
