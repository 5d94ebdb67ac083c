// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "capture/error.h"

namespace vsdump {

/// What Wireshark asks for.
enum class ExtcapQuestion { Interfaces, LinkTypes, Configuration, IsFilterRight, Capture };

/// Its interfaces: the names are in Wireshark's preferences, and must stay.
inline constexpr const char* kExtcapHere = "vsockmon";
inline constexpr const char* kExtcapOverSsh = "vsockmon-ssh";

/// A call, as Wireshark makes it.
struct ExtcapOptions {
  ExtcapQuestion question = ExtcapQuestion::Interfaces;
  std::string interface {};  ///< one of the two
  std::string fifo{};        ///< where packets go
  std::string filter{};
  std::string controlIn{};   ///< what the toolbar says; empty without a toolbar
  std::string controlOut{};  ///< what it is told
  std::string device{};      ///< a vsockmon device; empty: one that is found or made
  std::string host{};
  std::string port{};
  std::string user{};
  std::string command = "vsdump";  ///< what is run there, by the shell
};

/// **Errors** Usage: an option that is none, a value that is missing, an interface that is none.
Result<ExtcapOptions> parseExtcapCall(int argc, const char* const* argv);

/// **Errors** Usage: a host or port that ssh would not take.
Result<void> checkHost(const ExtcapOptions& options);

}  // namespace vsdump
