// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// ttRPC, which Kata's agent, firecracker-containerd and nerdbox speak.
///
/// A frame is u32 length, u32 stream, u8 type, u8 flags, all big-endian, then `length` bytes. The
/// side that sends a Request is the client, whoever opened the connection.
/// **Source** containerd/ttrpc PROTOCOL.md, channel.go, request.proto.
extern const Protocol kTtrpc;

/// "NOT_FOUND"; empty for a number that google.rpc.Code does not have. gRPC has the same codes.
std::string_view rpcCodeName(std::uint64_t code);

/// "NOT_FOUND: no such container".
std::string rpcErrorText(std::uint64_t code, std::string_view message);

}  // namespace vsdump::payload
