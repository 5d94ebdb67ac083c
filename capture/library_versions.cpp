// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/library_versions.h"

#include <pcap/pcap.h>
#include <zlib.h>
#include <zstd.h>

namespace vsdump {

std::vector<std::string> libraryVersions() {
  return {pcap_lib_version(), std::string("zlib ") + zlibVersion(),
          std::string("zstd ") + ZSTD_versionString()};
}

}  // namespace vsdump
