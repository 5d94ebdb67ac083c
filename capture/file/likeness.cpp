// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/likeness.h"

#include "dissector/wire/packet.h"
#include "dissector/wire/virtio.h"
#include "dissector/wire/vsockmon.h"

namespace vsdump {

namespace {

static_assert(kLikenessBytes == kVsockmonHeaderBytes + kVirtioHeaderBytes);

bool isUsual(const VsockmonHeader& header) {
  constexpr std::uint64_t kCidBeyond = std::uint64_t{1} << 32;  // the kernel's CIDs have 32 bits
  const bool isEmpty = header.src == Address{} && header.dst == Address{};
  return !isEmpty && raw(header.src.cid) < kCidBeyond && raw(header.dst.cid) < kCidBeyond &&
         header.op <= MonitorOp::Payload && header.transport <= Transport::Virtio &&
         header.reserved == 0 &&
         (header.transport != Transport::Virtio ||
          header.transportLengthBytes == kVirtioHeaderBytes);
}

bool agree(const VsockmonHeader& monitor, const VirtioHeader& virtio) {
  return virtio.src == monitor.src && virtio.dst == monitor.dst &&
         virtio.type >= VirtioType::Stream && virtio.type <= VirtioType::Dgram &&
         monitorOpOf(virtio.op) == monitor.op && virtio.op <= VirtioOp::TsiResponseEx;
}

}  // namespace

Likeness vsockLikeness(std::span<const std::byte> record) {
  Likeness likeness;
  if (record.size() < kVsockmonHeaderBytes) return likeness;
  const VsockmonHeader monitor = parseVsockmonHeader(record.first<kVsockmonHeaderBytes>());
  if (!isUsual(monitor)) return likeness;
  if (monitor.transport != Transport::Virtio || record.size() < kLikenessBytes) {
    likeness.degree = Likeness::Degree::Header;
    return likeness;
  }
  const VirtioHeader virtio =
      parseVirtioHeader(record.subspan<kVsockmonHeaderBytes, kVirtioHeaderBytes>());
  if (!agree(monitor, virtio)) return likeness;
  likeness.degree = Likeness::Degree::BothHeaders;
  likeness.expectedLength = kLikenessBytes + virtio.payloadLengthBytes;
  return likeness;
}

}  // namespace vsdump
