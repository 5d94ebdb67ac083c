// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "capture/file/byte_stream.h"

namespace vsdump {

/// The same bytes, where many come at once made by a second thread while those before them are
/// worked on: for streams whose bytes take long to make, as decompressing does.
///
/// **Threads** for one thread at a time; the second one is its own affair.
std::unique_ptr<ByteStream> streamAhead(std::unique_ptr<ByteStream> stream);

}  // namespace vsdump
