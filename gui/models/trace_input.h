// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "capture/source.h"
#include "gui/models/capture_child.h"
#include "gui/models/frame_store.h"

namespace vsdump::gui {

/// What is to be read: a capture file, a pipe, or what a program writes.
struct TraceInput {
  std::string name{};   ///< the path, or what messages call it; "-" is standard input
  bool follow = false;  ///< a file grows: go on at its end
  std::vector<std::string> command{};  ///< the program and its arguments, in place of a path

  bool isProgram() const { return !command.empty(); }
};

/// An input that is open.
struct OpenedInput {
  std::unique_ptr<CaptureChild> child;  ///< of a program; outlives the source
  std::unique_ptr<PacketSource> source;
  std::shared_ptr<FrameStore> store;
  bool isSpooled = false;   ///< the packets' bytes are to be copied to the store
  bool isUnending = false;  ///< more may come at any time
};

/// Opens it, and waits for its beginning. `heard` gets what a program says, line by line.
/// **Errors** as for openCapture(). A program that ended without a capture is told from what
/// `child` says; it is set even then.
Result<void> openTraceInput(const TraceInput& input, const std::stop_token& stop,
                            const std::function<void(std::string_view)>& heard,
                            OpenedInput& opened);

}  // namespace vsdump::gui
