// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "capture/source.h"

namespace vsdump {

/// The same packets, where many come at once read by a second thread while those before them are
/// worked on, by the same thread each time: for work whose state is large, and stays in the cache
/// of its processor (else see Relay). For sources that keep a batch (see
/// PacketSource::keepsABatch()).
///
/// **Threads** for one thread at a time; the second one is its own affair.
std::unique_ptr<PacketSource> readAhead(std::unique_ptr<PacketSource> source);

}  // namespace vsdump
