// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "capture/error.h"
#include "capture/file/descriptor.h"
#include "cli/extcap/extcap_texts.h"

namespace vsdump {

/// The two pipes of Wireshark's interface toolbar.
///
/// A message is 'T', three bytes of length (the most significant first), the control's number, a
/// command and text. **Source** the chapter on extcap of Wireshark's Developer's Guide.
class Toolbar {
 public:
  /// Opens both; empty names: there is no toolbar.
  /// **Errors** Io.
  static Result<Toolbar> open(const std::string& controlIn, const std::string& controlOut);

  /// What to wait for before read(); -1 without a toolbar.
  int descriptor() const { return in_.get(); }

  /// Reads what there is, and calls `filter` with each text that the filter's control is set to.
  void read(const std::function<void(std::string_view)>& filter);

  /// Waits, for a few seconds at most, until Wireshark has opened its end. It does so soon after it
  /// has started us, and stands still until somebody reads: who ends at once has to wait for it.
  void awaitWireshark() const;

  /// Adds a line to the statistics.
  void log(std::string_view line);
  /// Shows a sentence in a window.
  void warn(std::string_view sentence);

 private:
  void send(ToolbarControl control, std::uint8_t command, std::string_view text);

  Descriptor in_;
  Descriptor out_;
  std::string kept_;
  bool isOpened_ = false;  ///< by Wireshark, which has written something
};

}  // namespace vsdump
