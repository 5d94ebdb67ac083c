// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/devices/devices.h"

#include <fmt/format.h>

#include <vector>

#include "capture/live/private_network.h"
#include "cli/run/information.h"
#include "cli/run/messages.h"
#include "dissector/text/escape.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

Result<void> change(const std::string& verb, const std::string& name) {
  if (verb == "remove") return removeVsockmonDevice(name);
  if (isValidDeviceName(name)) return createVsockmonDevice(name);
  return tl::unexpected(
      Error{.kind = ErrorKind::Usage,
            .attempted = "create the vsockmon device",
            .subject = '"' + name + '"',
            .reason = "a device's name has 1 to 15 characters, no blanks, / or :"});
}

}  // namespace

std::string devicesTable(std::span<const VsockmonDevice> devices) {
  std::string out = fmt::format("{:>2}  {:<15}  {:<5}  {:>15}  {:>19}\n", "#", "device", "state",
                                "packets", "bytes");
  int number = 0;
  for (const VsockmonDevice& device : devices) {
    out += fmt::format("{:>2}  {:<15}  {:<5}  {:>15}  {:>19}", ++number, escaped(device.name),
                       device.up ? "up" : "down", grouped(device.packets), grouped(device.bytes));
    if (!device.alias.empty()) out += "  " + escaped(device.alias);
    out += '\n';
  }
  return out;
}

std::string devicesJson(std::span<const VsockmonDevice> devices) {
  std::string out;
  int number = 0;
  for (const VsockmonDevice& device : devices) {
    out += fmt::format(
        R"({{"record":"device","number":{},"name":{},"state":"{}","packets":{},"bytes":{},"alias":{}}})"
        "\n",
        ++number, jsonString(device.name), device.up ? "up" : "down", device.packets, device.bytes,
        jsonString(device.alias));
  }
  return out;
}

Result<int> runDevices(const Options& options) {
  const std::vector<std::string>& words = options.arguments;
  const bool isList = words.empty();
  if (!isList && (words.size() != 2 || (words[0] != "add" && words[0] != "remove"))) {
    return tl::unexpected(
        Error{.kind = ErrorKind::Usage,
              .attempted = {},
              .subject = {},
              .reason = "vsdump devices takes no words, or add NAME, or remove NAME",
              .hint = {}});
  }
  std::vector<VsockmonDevice> devices;
  const auto work = [&]() -> Result<void> {
    if (!isList) return change(words[0], words[1]);
    Result<std::vector<VsockmonDevice>> found = listVsockmonDevices();
    if (!found) return tl::unexpected(std::move(found.error()));
    devices = std::move(*found);
    return {};
  };
  const Result<void> done =
      options.networkNamespace ? inNetworkNamespace(*options.networkNamespace, work) : work();
  if (!done) return tl::unexpected(done.error());
  if (!isList) return kExitDone;
  if (devices.empty()) say("there is no vsockmon device; a capture makes one for itself");
  if (options.json) return printText(devicesJson(devices));
  return devices.empty() ? kExitDone : printText(devicesTable(devices));
}

}  // namespace vsdump
