// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "capture/source.h"

namespace vsdump {

/// The same packets, where many come at once read by a second thread while those before them are
/// worked on. For sources that keep two batches (see PacketSource::batchesKept()).
///
/// **Threads** for one thread at a time; the second one is its own affair.
std::unique_ptr<PacketSource> readAhead(std::unique_ptr<PacketSource> source);

}  // namespace vsdump
