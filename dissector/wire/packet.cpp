// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/wire/packet.h"

#include <algorithm>
#include <array>

namespace vsdump {

namespace {

bool usesUpperBits(const Address& address) {
  return (raw(address.cid) >> 32) != 0;
}

bool isKnownType(VirtioType type) {
  return type >= VirtioType::Stream && type <= VirtioType::Dgram;
}

bool isKnownOp(VirtioOp op) {
  return op >= VirtioOp::Request && op <= VirtioOp::TsiResponseEx;
}

bool isBeyondVirtio(VirtioOp op) {
  return op >= VirtioOp::TsiRequestEx;
}

/// What the vsockmon header's own fields tell.
void checkMonitor(const VsockmonHeader& monitor, Anomalies& anomalies) {
  anomalies.addIf(monitor.reserved != 0, Anomaly::ReservedNotZero);
  anomalies.addIf(usesUpperBits(monitor.src) || usesUpperBits(monitor.dst),
                  Anomaly::CidBeyond32Bits);
  anomalies.addIf(monitor.op > MonitorOp::Payload, Anomaly::UnknownOp);
  anomalies.addIf(monitor.transport > Transport::Virtio, Anomaly::UnknownTransport);
}

/// What the virtio header's own fields, and its disagreement with the vsockmon header, tell.
void checkVirtio(const VsockmonHeader& monitor, const VirtioHeader& virtio, Anomalies& anomalies) {
  anomalies.addIf(virtio.src != monitor.src || virtio.dst != monitor.dst, Anomaly::AddressMismatch);
  anomalies.addIf(usesUpperBits(virtio.src) || usesUpperBits(virtio.dst), Anomaly::CidBeyond32Bits);
  anomalies.addIf(!isKnownType(virtio.type), Anomaly::UnknownType);
  anomalies.addIf(!isKnownOp(virtio.op), Anomaly::UnknownOp);
  // A kernel with TSI's first patches maps its ops to CONNECT, others to UNKNOWN.
  anomalies.addIf(!isBeyondVirtio(virtio.op) && monitor.op != monitorOpOf(virtio.op),
                  Anomaly::OpMismatch);
  anomalies.addIf(virtio.payloadLengthBytes != 0 && !carriesPayload(virtio.op),
                  Anomaly::PayloadUnexpected);
}

/// Whether there is nothing odd for the checks above to find: one look at what most packets are.
bool areUsual(const VsockmonHeader& monitor, const VirtioHeader& virtio) {
  return ((raw(monitor.src.cid) | raw(monitor.dst.cid)) >> 32) == 0 && monitor.reserved == 0 &&
         virtio.src == monitor.src && virtio.dst == monitor.dst && isKnownType(virtio.type) &&
         isKnownOp(virtio.op) && !isBeyondVirtio(virtio.op) &&
         monitor.op == monitorOpOf(virtio.op) &&
         (virtio.payloadLengthBytes == 0 || virtio.op == VirtioOp::Rw);
}

}  // namespace

bool carriesPayload(VirtioOp op) {
  return op == VirtioOp::Rw || isBeyondVirtio(op);
}

MonitorOp monitorOpOf(VirtioOp op) {
  static constexpr std::array<MonitorOp, 8> kOps{
      MonitorOp::Unknown,     // INVALID
      MonitorOp::Connect,     // REQUEST
      MonitorOp::Connect,     // RESPONSE
      MonitorOp::Disconnect,  // RST
      MonitorOp::Disconnect,  // SHUTDOWN
      MonitorOp::Payload,     // RW
      MonitorOp::Control,     // CREDIT_UPDATE
      MonitorOp::Control,     // CREDIT_REQUEST
  };
  const auto number = static_cast<std::size_t>(op);
  return number < kOps.size() ? kOps[number] : MonitorOp::Unknown;
}

// One object is filled in place and returned from everywhere: a copy of it would cost more than all
// the rest of the work.
Packet dissect(const Frame& frame) {
  Packet packet;
  packet.anomalies.addIf(frame.bytes.size() > frame.wireLengthBytes,
                         Anomaly::CapturedExceedsLength);
  if (frame.bytes.size() < kVsockmonHeaderBytes) {
    packet.anomalies.add(Anomaly::VsockmonHeaderTruncated);
    return packet;
  }
  packet.monitor = parseVsockmonHeader(frame.bytes.first<kVsockmonHeaderBytes>());
  packet.decoded = Decoded::Vsockmon;

  const std::size_t transportLength = packet.monitor.transportLengthBytes;
  const Bytes behindMonitor = frame.bytes.subspan(kVsockmonHeaderBytes);
  packet.transportHeader = upTo(behindMonitor, transportLength);
  packet.anomalies.addIf(packet.transportHeader.size() < transportLength,
                         Anomaly::TransportHeaderTruncated);

  // A record that claims fewer bytes than it holds is measured by what it holds.
  const std::size_t wireLength = std::max<std::size_t>(frame.wireLengthBytes, frame.bytes.size());
  const std::size_t payloadOffset = kVsockmonHeaderBytes + transportLength;
  const std::size_t tapped = wireLength > payloadOffset ? wireLength - payloadOffset : 0;
  std::size_t carried = tapped;

  if (packet.monitor.transport == Transport::Virtio) {
    packet.anomalies.addIf(transportLength != kVirtioHeaderBytes,
                           Anomaly::TransportLengthUnexpected);
    if (packet.transportHeader.size() < kVirtioHeaderBytes) {
      checkMonitor(packet.monitor, packet.anomalies);
      return packet;
    }
    packet.virtio = parseVirtioHeader(packet.transportHeader.first<kVirtioHeaderBytes>());
    packet.decoded = Decoded::Virtio;
    if (!areUsual(packet.monitor, packet.virtio)) {
      checkMonitor(packet.monitor, packet.anomalies);
      checkVirtio(packet.monitor, packet.virtio, packet.anomalies);
    }

    const std::size_t announced = packet.virtio.payloadLengthBytes;
    packet.anomalies.addIf(announced > tapped, Anomaly::PayloadMissing);
    packet.anomalies.addIf(announced < tapped, Anomaly::TapExcess);
    carried = std::min(announced, tapped);
  } else {
    checkMonitor(packet.monitor, packet.anomalies);
  }

  packet.payloadLengthBytes = static_cast<std::uint32_t>(carried);
  packet.payload = upTo(behindMonitor.subspan(packet.transportHeader.size()), carried);
  packet.anomalies.addIf(packet.payload.size() < carried, Anomaly::PayloadTruncated);
  return packet;
}

}  // namespace vsdump
