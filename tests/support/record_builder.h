// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dissector/wire/frame.h"
#include "dissector/wire/packet.h"
#include "dissector/wire/virtio.h"
#include "dissector/wire/vsockmon.h"

namespace vsdump::support {

/// Appends the `size` lowest bytes of a value, the lowest first.
inline void putLittleEndian(std::vector<std::byte>& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

/// Builds the bytes of a record field by field. The defaults are those of a Linux guest that sends
/// an RW to its host.
struct RecordBuilder {
  VsockmonHeader monitor{.src = {Cid{3}, Port{1024}},
                         .dst = {Cid{2}, Port{5000}},
                         .op = MonitorOp::Payload,
                         .transport = Transport::Virtio,
                         .transportLengthBytes = 44,
                         .reserved = 0};
  VirtioHeader virtio{.src = {Cid{3}, Port{1024}},
                      .dst = {Cid{2}, Port{5000}},
                      .payloadLengthBytes = 0,
                      .type = VirtioType::Stream,
                      .op = VirtioOp::Rw,
                      .flags = 0,
                      .bufAlloc = 262144,
                      .fwdCnt = 0};

  std::vector<std::byte> monitorBytes() const {
    std::vector<std::byte> out;
    putLittleEndian(out, raw(monitor.src.cid), 8);
    putLittleEndian(out, raw(monitor.dst.cid), 8);
    putLittleEndian(out, raw(monitor.src.port), 4);
    putLittleEndian(out, raw(monitor.dst.port), 4);
    putLittleEndian(out, static_cast<std::uint64_t>(monitor.op), 2);
    putLittleEndian(out, static_cast<std::uint64_t>(monitor.transport), 2);
    putLittleEndian(out, monitor.transportLengthBytes, 2);
    putLittleEndian(out, monitor.reserved, 2);
    return out;
  }

  /// Both headers and the payload.
  std::vector<std::byte> bytes(std::string_view payload = {}) const {
    std::vector<std::byte> out = monitorBytes();
    putLittleEndian(out, raw(virtio.src.cid), 8);
    putLittleEndian(out, raw(virtio.dst.cid), 8);
    putLittleEndian(out, raw(virtio.src.port), 4);
    putLittleEndian(out, raw(virtio.dst.port), 4);
    putLittleEndian(out, virtio.payloadLengthBytes, 4);
    putLittleEndian(out, static_cast<std::uint64_t>(virtio.type), 2);
    putLittleEndian(out, static_cast<std::uint64_t>(virtio.op), 2);
    putLittleEndian(out, virtio.flags, 4);
    putLittleEndian(out, virtio.bufAlloc, 4);
    putLittleEndian(out, virtio.fwdCnt, 4);
    for (const char c : payload) out.push_back(static_cast<std::byte>(c));
    return out;
  }

  /// A packet of `op` with the vsockmon op and the virtio len that the kernel would give it.
  static RecordBuilder of(VirtioOp op, std::uint32_t payloadLengthBytes = 0) {
    RecordBuilder builder;
    builder.monitor.op = monitorOpOf(op);
    builder.virtio.op = op;
    builder.virtio.payloadLengthBytes = payloadLengthBytes;
    return builder;
  }
};

/// A frame over bytes that live elsewhere, captured whole.
inline Frame frameOf(const std::vector<std::byte>& bytes) {
  return Frame{.bytes = bytes, .wireLengthBytes = static_cast<std::uint32_t>(bytes.size())};
}

}  // namespace vsdump::support
