// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "capture/file/byte_sink.h"
#include "capture/file/compression.h"

namespace vsdump {

/// Compresses what goes to `file`. `compression` is not None.
///
/// Every flush() completes a gzip member or zstd frame, as does every 4 MiB without one, so that
/// what is in the file after it is whole and can be read on its own, after a kill. On a full disk
/// as much of the last member as there was room for is compressed anew.
std::unique_ptr<ByteSink> compressTo(std::unique_ptr<ByteSink> file, Compression compression);

}  // namespace vsdump
