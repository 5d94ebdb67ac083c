// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/link_type.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <utility>

#include "capture/source.h"

namespace vsdump {

namespace {

/// The DLT_ value that libpcap's table of names is keyed by. The two are the same but for the few
/// types whose DLT_ value differs between systems.
/// **Source** www.tcpdump.org/linktypes.html
int dltOf(std::uint16_t linkType) {
  switch (linkType) {
    case 100:
      return DLT_ATM_RFC1483;
    case 101:
      return DLT_RAW;
    case 102:
      return DLT_SLIP_BSDOS;
    case 103:
      return DLT_PPP_BSDOS;
    default:
      return linkType;
  }
}

}  // namespace

std::string linkTypeName(std::uint16_t linkType) {
  const int dlt = dltOf(linkType);
  const char* name = ::pcap_datalink_val_to_name(dlt);
  if (name == nullptr) return fmt::format("number {}", linkType);
  const char* description = ::pcap_datalink_val_to_description(dlt);
  if (description == nullptr) return name;
  return fmt::format("{} ({})", name, description);
}

Error wrongLinkType(std::string file, std::uint16_t linkType) {
  return Error{.kind = ErrorKind::BadInput,
               .attempted = "read",
               .subject = std::move(file),
               .reason = fmt::format("its link type is {}, not {}", linkTypeName(linkType),
                                     linkTypeName(kLinkTypeVsock))};
}

}  // namespace vsdump
