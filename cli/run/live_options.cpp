// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/live_options.h"

namespace vsdump {

namespace {

std::optional<LocalDirection> directionOf(TrafficDirection direction) {
  switch (direction) {
    case TrafficDirection::In:
      return LocalDirection::In;
    case TrafficDirection::Out:
      return LocalDirection::Out;
    case TrafficDirection::Both:
      break;
  }
  return std::nullopt;
}

}  // namespace

LiveOptions liveOptionsOf(const Options& options, bool isWatched) {
  return LiveOptions{.interface = options.interface,
                     .createAnyName = options.createAnyName,
                     .mayCreate = options.mayCreate,
                     .networkNamespace = options.networkNamespace,
                     .user = options.user,
                     .snapshotLengthBytes = options.snapshotLengthBytes,
                     .bufferKiB = options.bufferKiB,
                     .immediate = options.immediateMode || isWatched,
                     .promiscuous = options.promiscuous,
                     .timestampType = options.timestampType,
                     .linkType = options.linkType,
                     .direction = directionOf(options.direction),
                     .optimizeFilter = options.optimizeFilter};
}

}  // namespace vsdump
