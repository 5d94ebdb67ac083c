// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/source.h"

namespace vsdump {

void update(std::vector<CaptureInterface>& copy, std::span<const CaptureInterface> interfaces) {
  for (std::size_t i = 0; i < copy.size(); ++i) copy[i].statistics = interfaces[i].statistics;
  const auto added = interfaces.subspan(copy.size());
  copy.insert(copy.end(), added.begin(), added.end());
}

}  // namespace vsdump
