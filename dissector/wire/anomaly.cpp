// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/wire/anomaly.h"

#include <array>
#include <cstddef>

namespace vsdump {

namespace {

constexpr std::array kCatalogue = {
    AnomalyRow{Anomaly::VsockmonHeaderTruncated, "vsockmon-header-truncated", Severity::Warning,
               "The record is shorter than the 32 bytes of the vsockmon header."},
    AnomalyRow{Anomaly::TransportHeaderTruncated, "transport-header-truncated", Severity::Warning,
               "The record ends inside the transport's header; capture with a larger snapshot "
               "length if it was cut."},
    AnomalyRow{Anomaly::PayloadTruncated, "payload-truncated", Severity::Note,
               "Fewer payload bytes were captured than the packet carried: the snapshot length cut "
               "them off."},
    AnomalyRow{Anomaly::PayloadMissing, "payload-missing", Severity::Warning,
               "The virtio header announces more payload than the record had on the wire."},
    AnomalyRow{Anomaly::CapturedExceedsLength, "captured-exceeds-length", Severity::Warning,
               "The record says that more bytes were captured than the packet had."},
    AnomalyRow{Anomaly::TransportLengthUnexpected, "transport-length-unexpected", Severity::Warning,
               "The vsockmon header gives the virtio header a length other than 44 bytes."},
    AnomalyRow{Anomaly::AddressMismatch, "address-mismatch", Severity::Warning,
               "The vsockmon header and the virtio header name different addresses."},
    AnomalyRow{Anomaly::OpMismatch, "op-mismatch", Severity::Warning,
               "The vsockmon op is not the one that the kernel derives from the virtio op."},
    AnomalyRow{Anomaly::TapExcess, "tap-excess", Severity::Note,
               "The kernel's tap recorded more payload than the packet carried, as kernels before "
               "the 2026 fix do for packets split over guest buffers; the excess is not counted."},
    AnomalyRow{Anomaly::PayloadUnexpected, "payload-unexpected", Severity::Warning,
               "The packet announces payload although its op carries none."},
    AnomalyRow{Anomaly::UnknownTransport, "unknown-transport", Severity::Note,
               "The transport is not known; its header and payload are kept as bytes."},
    AnomalyRow{Anomaly::UnknownType, "unknown-type", Severity::Warning,
               "The socket type is none of STREAM, SEQPACKET and DGRAM."},
    AnomalyRow{Anomaly::UnknownOp, "unknown-op", Severity::Warning,
               "The operation is none that virtio or vsockmon defines."},
    AnomalyRow{Anomaly::ReservedNotZero, "reserved-not-zero", Severity::Warning,
               "The reserved bytes of the vsockmon header are not zero."},
    AnomalyRow{Anomaly::CidBeyond32Bits, "cid-beyond-32-bits", Severity::Warning,
               "A CID uses the upper 32 bits, which are reserved."},
};

constexpr bool catalogueIsInOrder() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (static_cast<std::size_t>(kCatalogue[i].anomaly) != i) return false;
  }
  return true;
}
static_assert(catalogueIsInOrder(), "describe() indexes the catalogue by the enumerator");

}  // namespace

std::span<const AnomalyRow> anomalyCatalogue() {
  return kCatalogue;
}

const AnomalyRow& describe(Anomaly anomaly) {
  return kCatalogue[static_cast<std::size_t>(anomaly)];
}

}  // namespace vsdump
