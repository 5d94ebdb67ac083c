// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "gui/models/frame_window.h"
#include "gui/models/trace_builder.h"
#include "gui/models/trace_input.h"
#include "gui/models/trace_loader.h"

namespace vsdump::gui {

/// Whom a reading tells what it has.
struct TraceListener {
  std::function<void(const OpenedInput&)> opened;
  std::function<void(TraceUpdate&&)> updated;
  std::function<void(std::string_view)> noticed;
};

/// How a reading is stopped.
struct StopTokens {
  std::stop_token atOnce;
  std::stop_token soon;  ///< what there is already is taken

  bool requested() const { return atOnce.stop_requested() || soon.stop_requested(); }
};

/// One input, from its opening to its end, beside the packets of a trace that was read before.
///
/// **Threads** one.
class TraceReading {
 public:
  /// **Lifetime** borrows the listener.
  TraceReading(Trace before, StopTokens stop, const TraceListener& listener)
      : before_(std::move(before)), window_(before_), stop_(std::move(stop)), listener_(listener) {}

  /// **Errors** as for openCapture(); what a program says that fails; Io for a full disk.
  Result<TraceLoader::Ending> run(const TraceInput& input);

 private:
  using Clock = std::chrono::steady_clock;

  Result<TraceLoader::Ending> readToEnd();
  Result<void> take(const Batch& batch);
  Result<void> takeBeside(const Batch& batch, std::vector<Comment>&& comments);
  void takeBefore(std::int64_t untilNs);
  std::vector<TraceSource> sources() const;
  Result<void> tell(double progress);
  Result<void> wait();

  Trace before_;
  FrameWindow window_;
  StopTokens stop_;
  const TraceListener& listener_;
  std::string name_;  ///< of the input, for people
  OpenedInput input_;
  std::unique_ptr<TraceBuilder> builder_;
  std::size_t taken_ = 0;  ///< packets of before_ that are taken
  std::size_t beforeComment_ = 0;
  Clock::time_point told_ = Clock::now();
  std::size_t toldPackets_ = 0;
  std::int64_t newestNs_ = 0;     ///< time of the newest packet
  Clock::time_point newestCame_;  ///< when that was read
};

}  // namespace vsdump::gui
