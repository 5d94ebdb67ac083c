// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>

namespace vsdump {

/// A context identifier: the address of a machine on AF_VSOCK. 64 bits wide on the wire, 32 in use.
enum class Cid : std::uint64_t {};

/// A vsock port, 32 bits wide.
enum class Port : std::uint32_t {};

/// The place of a record among all packet records of its capture, counted from 1.
enum class FrameNumber : std::uint64_t {};

constexpr std::uint64_t raw(Cid cid) {
  return static_cast<std::uint64_t>(cid);
}
constexpr std::uint32_t raw(Port port) {
  return static_cast<std::uint32_t>(port);
}
constexpr std::uint64_t raw(FrameNumber number) {
  return static_cast<std::uint64_t>(number);
}

/// One end of a connection.
struct Address {
  Cid cid{};
  Port port{};

  friend auto operator<=>(const Address&, const Address&) = default;  // NOLINT(*-use-nullptr)
};

}  // namespace vsdump
