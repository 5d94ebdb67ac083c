// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "dissector/connection/observation.h"
#include "dissector/wire/virtio.h"

namespace vsdump::gui {

/// Counts the packets that one side of a connection has sent and the other has not read up to, as
/// fwd_cnt tells.
class InFlight {
 public:
  /// A packet of the sender, with `length` bytes for the stream, of which it may be none.
  void sent(const Observation& seen, std::uint32_t length);
  /// A packet of the receiver.
  void told(std::uint32_t fwdCnt);

  std::size_t packets() const { return ends_.size(); }

 private:
  void readTo(std::uint64_t offset);

  std::deque<std::uint64_t> ends_;  ///< offsets in the stream behind packets that are on their way
  std::uint64_t sentTo_ = 0;
  std::optional<std::uint64_t> readTo_;
  std::optional<std::uint32_t> fwdCnt_;
};

}  // namespace vsdump::gui
