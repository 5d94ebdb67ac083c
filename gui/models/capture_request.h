// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>

#include "gui/models/trace_input.h"

namespace vsdump::gui {

/// What is to be captured, and with whose rights.
struct CaptureRequest {
  enum class Rights {
    Own,            ///< of the user who has the window
    Administrator,  ///< whom pkexec asks for
    OtherHost,      ///< of a user there; through ssh
  };

  QString device{};     ///< empty: one that is made for this capture
  bool create = false;  ///< make the device, if it is not there
  QString filter{};     ///< empty: everything
  Rights rights = Rights::Own;
  QString host{};  ///< for ssh, "user@host"
};

/// The vsdump that captures: the one beside this program, or one of PATH; empty without any.
QString captureProgram();

/// The program that writes such a capture, and what the window calls it.
TraceInput inputOf(const CaptureRequest& request, const QString& program);

}  // namespace vsdump::gui
