// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// The control datagrams of libkrun's TSI, versions 2 and 3, with the addresses that a guest's
/// sockets stand for. The kind of a message is the port that it goes to; requests have one length
/// in each version. Numbers are little-endian.
/// **Source** libkrun src/devices/src/virtio/vsock/packet.rs; libkrunfw patches/0009 and 0010.
extern const Protocol kTsi;

}  // namespace vsdump::payload
